// Words for shells: in scripts that we run, and in commands that a person is told to run.

/** One word for a POSIX shell, whatever is in it. Pure. */
export function quoteWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

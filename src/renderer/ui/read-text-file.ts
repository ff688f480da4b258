// A file that a person chose or dropped: untrusted, bounded, text only.

export const longestText = 1024 * 1024

/** Rejects with what is wrong with it. A folder cannot be read. */
export async function readTextFile(file: File): Promise<string> {
  if (file.size > longestText) throw new Error(`it is ${file.size} bytes long; at most 1 MiB is read`)
  const text = await file.text()
  if (text.includes('\u0000')) throw new Error('it is not a text file')
  return text
}

// What a dropped file is, by its content. Pure.

const policyKeys = ['scrub', 'ksm', 'schedule', 'version']

/** A policy is a JSON object with at least one of a policy's keys; anything else is read as a list of hosts. */
export function kindOfText(text: string): 'policy' | 'inventory' {
  if (!text.trimStart().startsWith('{')) return 'inventory'
  try {
    const keys = Object.keys(JSON.parse(text))
    return keys.some((key) => policyKeys.includes(key)) ? 'policy' : 'inventory'
  } catch {
    // With the faults of a policy written by hand it is still shown as one, with what is wrong with it.
    return policyKeys.some((key) => text.includes(`"${key}"`)) ? 'policy' : 'inventory'
  }
}

/** A policy's name for the file it came in: without folders and ending. Pure. */
export function nameOfFile(path: string): string {
  const file = path.split(/[/\\]/).at(-1) ?? ''
  return file
    .replace(/\.[^.]*$/, '')
    .slice(0, 64)
    .trim()
}

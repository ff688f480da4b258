// How a guest is called that shares its name with another of its host: names are not unique, and each guest chooses its own.

const longestName = 480

/** The name with its process, of which a host has one at a time. */
export function processLabel({ name, pid }: { readonly name: string; readonly pid: number }): string {
  return `${name.slice(0, longestName)} (process ${pid})`
}

/** A guest that calls itself so is labelled as well: else it could pass for another one. */
export function looksLabelled(name: string): boolean {
  return / \(process \d+\)$/.test(name)
}

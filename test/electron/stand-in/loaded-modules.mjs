// What main has asked Node for so far, and what it had asked for when its first page was loaded.

/** Addresses of modules, in their order. @type {Set<string>} */
export const loadedModules = new Set()

/** @type {readonly string[] | undefined} */
let before

export function noteFirstPage() {
  before ??= [...loadedModules]
}

/** Empty while no page was loaded. */
export function loadedBeforeFirstPage() {
  return before ?? []
}

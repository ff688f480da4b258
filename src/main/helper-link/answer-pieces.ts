// A large answer cut into pieces that a thread can take over one at a time without being held up. Pure.

/** An array that was taken out of a value, by the keys that lead to it. */
export interface CutArray {
  readonly path: readonly (string | number)[]
  readonly items: readonly unknown[]
}

export interface CutValue {
  /** The value with empty arrays where pieces were cut out. */
  readonly rest: unknown
  readonly cut: readonly CutArray[]
}

/** Items that travel at once. */
export const pieceItems = 200
/** Documents of the contract have their long lists no deeper. */
const deepest = 4

/** Takes out arrays of more than `pieceItems`; what is in them stays whole. */
export function cutArrays(value: unknown): CutValue {
  const cut: CutArray[] = []
  return { rest: cutBelow(value, [], cut), cut }
}

function cutBelow(value: unknown, path: readonly (string | number)[], cut: CutArray[]): unknown {
  if (typeof value !== 'object' || value === null || path.length > deepest) return value
  if (Array.isArray(value)) {
    if (value.length <= pieceItems) return value.map((item, index) => cutBelow(item, [...path, index], cut))
    cut.push({ path, items: value })
    return []
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, cutBelow(item, [...path, key], cut)]),
  )
}

/** The array at `path` of a value from `cutArrays`. */
export function arrayAt(value: unknown, path: CutArray['path']): unknown[] {
  let at = value
  for (const key of path) at = (at as Record<string | number, unknown>)[key]
  if (!Array.isArray(at)) throw new Error(`no array at ${path.join('.')}`)
  return at
}

// The texts that an editor had, for undo and redo. Pure.

export interface Edits {
  readonly now: string
  readonly undone: readonly string[]
  readonly done: readonly string[]
  /** Monotonic; of the last edit. */
  readonly editedMs: number
}

const maxKept = 100
/** Letters typed in one go are undone in one go. */
const typingMs = 1000

/** Nothing to undo yet. */
export function startEdits(now: string): Edits {
  return { now, done: [], undone: [], editedMs: Number.NEGATIVE_INFINITY }
}

/** `isTyped`: a letter, not a choice. */
export function edit(edits: Edits, text: string, atMs: number, isTyped: boolean): Edits {
  if (text === edits.now) return edits
  const continues = isTyped && edits.done.length > 0 && atMs - edits.editedMs < typingMs
  const kept = edits.done.at(-1) === text ? edits.done.slice(0, -1) : edits.done
  const done = continues ? kept : [...edits.done, edits.now].slice(-maxKept)
  return { now: text, done, undone: [], editedMs: isTyped ? atMs : Number.NEGATIVE_INFINITY }
}

/** Back by one edit, where there is one. */
export function undo({ now, done, undone }: Edits): Edits {
  const before = done.at(-1)
  if (before === undefined) return { now, done, undone, editedMs: Number.NEGATIVE_INFINITY }
  return { ...startEdits(before), done: done.slice(0, -1), undone: [...undone, now] }
}

/** What was undone last, where there is one. */
export function redo({ now, done, undone }: Edits): Edits {
  const next = undone.at(-1)
  if (next === undefined) return { now, done, undone, editedMs: Number.NEGATIVE_INFINITY }
  return { ...startEdits(next), done: [...done, now], undone: undone.slice(0, -1) }
}

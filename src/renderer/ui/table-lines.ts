// The lines of a table's body, and which of them stand in the document while the others are gaps. Pure.
import type { ReactNode } from 'react'
import type { RowGroup } from './table-column.ts'

export interface RowLine<R> {
  readonly kind: 'row'
  /** Of the line: a row that stands in two groups is two lines. */
  readonly key: string
  readonly row: R
}

export interface HeadLine {
  readonly kind: 'head'
  readonly key: string
  readonly head: ReactNode
}

export type TableLine<R> = HeadLine | RowLine<R>
type Kind = TableLine<unknown>['kind']

interface IdentifiedRow<T> {
  readonly id: string
  readonly original: T
}

/** Each group is its head and the rows that it holds; without groups, the rows. */
export function linesOf<T, R extends IdentifiedRow<T>>(
  rows: readonly R[],
  groups: readonly RowGroup<T>[] | undefined,
): TableLine<R>[] {
  if (!groups || rows.length === 0) return rows.map((row) => ({ kind: 'row', key: row.id, row }))
  return groups.flatMap((group) => {
    const own = rows.filter(({ original }) => group.holds(original))
    const head: HeadLine = { kind: 'head', key: `${group.key}/`, head: group.head }
    return [head, ...own.map((row) => ({ kind: 'row' as const, key: `${group.key}/${row.id}`, row }))]
  })
}

export interface LineRange {
  readonly startIndex: number
  readonly endIndex: number
  readonly overscan: number
}

/** Wider, so that it begins and ends at whole blocks of so many lines. Pure. */
export function roundRange(range: LineRange, block: number): LineRange {
  const { startIndex, endIndex, overscan } = range
  const first = Math.floor((startIndex - overscan) / block) * block
  const last = Math.ceil((endIndex + overscan + 1) / block) * block - 1
  return { startIndex: Math.max(0, first), endIndex: last, overscan: 0 }
}

/**
 * Indexes of the lines to draw, ascending: the range with its overscan, the line that is kept because it has the focus,
 * and the head of the group that each of them belongs to.
 */
export function indexesToDraw(
  kinds: readonly Kind[],
  { startIndex, endIndex, overscan }: LineRange,
  kept: number | undefined,
): number[] {
  const first = Math.max(0, startIndex - overscan)
  const last = Math.min(kinds.length - 1, endIndex + overscan)
  const drawn = new Set<number>()
  for (let index = first; index <= last; index += 1) drawn.add(index)
  if (kept !== undefined) drawn.add(kept)
  for (const index of [first, kept]) {
    const head = index === undefined ? -1 : kinds.lastIndexOf('head', index)
    if (head >= 0) drawn.add(head)
  }
  return [...drawn].sort((a, b) => a - b)
}

/** A line to draw, or the height of the lines that are left out before the next. */
export type Piece = { readonly index: number } | { readonly gap: number; readonly nth: number }

export interface PlacedLine {
  readonly index: number
  readonly start: number
  readonly end: number
}

/** `placed` ascending, in pixels from the first line; `total` is the height of all lines. */
export function piecesOf(placed: readonly PlacedLine[], total: number): Piece[] {
  const pieces: Piece[] = []
  let reached = 0
  let gaps = 0
  const leaveOut = (gap: number) => {
    if (gap <= 0) return
    pieces.push({ gap, nth: gaps })
    gaps += 1
  }
  for (const { index, start, end } of placed) {
    leaveOut(start - reached)
    pieces.push({ index })
    reached = end
  }
  leaveOut(total - reached)
  return pieces
}

/** Cut before each head: a section is a group, or the whole table where there are none. */
export function sectionsOf(
  pieces: readonly Piece[],
  isHead: (index: number) => boolean,
): readonly (readonly Piece[])[] {
  const sections: Piece[][] = []
  for (const piece of pieces) {
    const section = sections.at(-1)
    if (!section || ('index' in piece && isHead(piece.index))) sections.push([piece])
    else section.push(piece)
  }
  return sections
}

/** Where a key leads from a line, by index; undefined: this key leads nowhere. Heads are passed over. */
export function indexAfterKey(kinds: readonly Kind[], index: number, key: string): number | undefined {
  const found = (at: number) => (at < 0 ? undefined : at)
  if (key === 'ArrowDown') return found(kinds.indexOf('row', index + 1))
  if (key === 'ArrowUp') return index <= 0 ? undefined : found(kinds.lastIndexOf('row', index - 1))
  if (key === 'Home') return found(kinds.indexOf('row'))
  if (key === 'End') return found(kinds.lastIndexOf('row'))
  return undefined
}

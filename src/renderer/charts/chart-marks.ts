// Marks on the time axis: those that would stand on one another become one. Pure.
import type { Mark } from '../../shared/contract/index.ts'
import { shareOf, type TimeRange } from './chart-geometry.ts'

export interface MarkGroup {
  readonly at: number
  readonly marks: readonly Mark[]
}

/** Of the range's width: nearer marks are one symbol. */
const togetherShare = 0.012

/** `marks` oldest first. */
export function groupMarks(marks: readonly Mark[], range: TimeRange): MarkGroup[] {
  const groups: { at: number; marks: Mark[] }[] = []
  for (const mark of marks) {
    if (mark.at < range.from || mark.at > range.to) continue
    const last = groups.at(-1)
    if (last && shareOf(mark.at, range) - shareOf(last.at, range) < togetherShare) last.marks.push(mark)
    else groups.push({ at: mark.at, marks: [mark] })
  }
  return groups
}

/** Marks so near to an instant that they belong to what is read there. */
export function marksNear(marks: readonly Mark[], at: number, range: TimeRange): Mark[] {
  return marks.filter((mark) => Math.abs(shareOf(mark.at, range) - shareOf(at, range)) < togetherShare)
}

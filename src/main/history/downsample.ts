// Groups rows in time so that a chart gets at most so many points and no peak is lost. Pure.

export interface TimedRow {
  readonly at: number
}

/** Rows shown together. Empty rows: a gap, shown as null. */
export interface Group<R extends TimedRow> {
  readonly from: number
  readonly rows: readonly R[]
}

/** Times at which a group is drawn: once for a row or gap, twice (for its lowest and its highest value) for several rows. */
export function slotsOf<R extends TimedRow>({ from, rows }: Group<R>): number[] {
  const [first, last] = [rows[0], rows.at(-1)]
  if (!first || !last) return [from]
  return first === last ? [first.at] : [first.at, last.at]
}

/** Rows must be in order of time. Rows farther apart than `gapMs` get a gap between them. */
export function groupRows<R extends TimedRow>(
  rows: readonly R[],
  range: { readonly from: number; readonly to: number; readonly points: number; readonly gapMs: number },
): Group<R>[] {
  const single = singleGroups(rows, range.gapMs)
  return single.length <= range.points ? single : buckets(rows, range)
}

function singleGroups<R extends TimedRow>(rows: readonly R[], gapMs: number): Group<R>[] {
  return rows.flatMap((row, index) => {
    const before = rows[index - 1]
    const own = { from: row.at, rows: [row] }
    return before && row.at - before.at > gapMs ? [{ from: before.at + 1, rows: [] }, own] : [own]
  })
}

function buckets<R extends TimedRow>(
  rows: readonly R[],
  { from, to, points }: { readonly from: number; readonly to: number; readonly points: number },
): Group<R>[] {
  const count = Math.max(1, Math.floor(points / 2))
  const width = (to - from) / count
  const groups = Array.from({ length: count }, (_, index) => ({
    from: from + index * width,
    rows: [] as R[],
  }))
  for (const row of rows) {
    const index = Math.min(count - 1, Math.max(0, Math.floor((row.at - from) / width)))
    groups[index]?.rows.push(row)
  }
  return groups
}

export interface Spread {
  readonly value: number | null
  readonly min: number | null
  readonly max: number | null
}

/** The values of one gauge at the group's slots: the lowest and the highest in the order in which they occurred. */
export function spreadOver(spreads: readonly Spread[], slots: number): (number | null)[] {
  if (slots === 1) return [spreads[0]?.value ?? null]
  let [lowest, highest]: [number | null, number | null] = [null, null]
  let [lowestAt, highestAt] = [0, 0]
  spreads.forEach(({ value, min, max }, index) => {
    const [low, high] = [min ?? value, max ?? value]
    if (low !== null && (lowest === null || low < lowest)) [lowest, lowestAt] = [low, index]
    if (high !== null && (highest === null || high > highest)) [highest, highestAt] = [high, index]
  })
  return lowestAt <= highestAt ? [lowest, highest] : [highest, lowest]
}

// From the parallel arrays of a series to the rows that Recharts wants, with gaps kept as gaps. Pure.

export type ChartRow = { readonly at: number } & Readonly<Record<string, number | null>>

export interface ChartLayer {
  readonly key: string
  readonly label: string
  readonly color: string
  readonly about?: string
  /** One of many: drawn behind the others and not named in the legend. */
  readonly isBackground?: boolean
  readonly values: readonly (number | null)[]
}

/** A hole this many times wider than the usual step is a gap even when no empty bucket marks it. */
const gapFactor = 3

export function chartRows(at: readonly number[], layers: readonly ChartLayer[]): ChartRow[] {
  const step = usualStep(at)
  const rows: ChartRow[] = []
  at.forEach((instant, index) => {
    const before = at[index - 1]
    if (before !== undefined && step > 0 && instant - before > gapFactor * step) {
      rows.push(rowAt(before + step, layers, undefined))
    }
    rows.push(rowAt(instant, layers, index))
  })
  return rows
}

function rowAt(at: number, layers: readonly ChartLayer[], index: number | undefined): ChartRow {
  const row: Record<string, number | null> & { at: number } = { at }
  for (const { key, values } of layers) row[key] = index === undefined ? null : (values[index] ?? null)
  return row
}

function usualStep(at: readonly number[]): number {
  const steps = at.slice(1).map((instant, index) => instant - (at[index] ?? instant))
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0
}

/** Index of the row nearest to an instant; undefined without rows. */
export function rowNear(rows: readonly ChartRow[], at: number): number | undefined {
  let low = 0
  let high = rows.length - 1
  if (high < 0) return undefined
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle]?.at ?? 0) < at) low = middle + 1
    else high = middle
  }
  const before = rows[low - 1]
  const found = rows[low]
  return before && found && at - before.at < found.at - at ? low - 1 : low
}

export function lastValue(values: readonly (number | null)[]): number | undefined {
  return values.findLast((value) => value !== null) ?? undefined
}

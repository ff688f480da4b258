// History of a host as CSV, with the names and units of src/shared/contract/metrics.ts.
import { metricNames, pointCount, type SavedHost, type Series } from '../../shared/contract/index.ts'
import { csvOf, guard } from '../../shared/text/csv.ts'
import type { History } from '../history/history.ts'

/** As many rows as one series may have: a day of minutes and more. */
const maxRows = pointCount.maxValue ?? 5000

/** All metrics of a host over a range as CSV, a row for each point. */
export async function exportHistory(
  history: History,
  host: Pick<SavedHost, 'id' | 'name'>,
  range: { readonly from: number; readonly to: number },
) {
  const series = await history.series({
    hostId: host.id,
    ...range,
    points: maxRows,
    metrics: [...metricNames],
  })
  const day = new Date(range.to).toISOString().slice(0, 10)
  const name = host.name.replaceAll(/[^\w.-]+/g, '-').slice(0, 100)
  return { fileName: `${name}-${day}.csv`, mediaType: 'text/csv', content: historyCsv(series) }
}

const guestFigures = [
  'guestHitRatio',
  'guestReadsPerSecond',
  'guestReadLatencySeconds',
  'guestIoPressureRatio',
  'guestCpuRatio',
] as const

/** Plain numbers in base units; rows without any value, which mark gaps, are left out. Guests come last. Pure. */
export function historyCsv(series: Series): string {
  const columns: [string, readonly (number | null)[]][] = [
    ...metricNames.map((name): [string, (number | null)[]] => [name, series.metrics[name] ?? []]),
    ...guestFigures.flatMap((figure) =>
      Object.entries(series[figure]).map(([guest, values]): [string, (number | null)[]] => [
        `${figure} ${guest}`,
        values,
      ]),
    ),
  ]
  const rows = series.at.flatMap((instant, index) => {
    const values = columns.map(([, values]) => values[index] ?? null)
    if (values.every((value) => value === null)) return []
    return [
      [new Date(instant).toISOString(), ...values.map((value) => (value === null ? '' : String(value)))],
    ]
  })
  return csvOf([['at', ...columns.map(([name]) => guard(name))], ...rows])
}

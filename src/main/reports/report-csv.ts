// CSV of a report by RFC 4180: a row for each quantity of each host, before and after side by side, plain numbers in base
// units, empty where nothing was measured.
import { type Report, shownTime } from '../../shared/contract/index.ts'
import { csvOf, guard } from '../../shared/text/csv.ts'

const header = [
  'host',
  'address',
  'quantity',
  'title',
  'unit',
  'before',
  'after',
  'beforeFrom',
  'beforeTo',
  'afterFrom',
  'afterTo',
]

/** Cells cannot become formulas. */
export function renderCsv(report: Report): string {
  const quantities = new Map(report.quantities.map((quantity) => [quantity.key, quantity]))
  const rows = report.hosts.flatMap((host) =>
    host.figures.map(({ key, before, after }) => {
      const quantity = quantities.get(key)
      const [first, last] =
        quantity?.from === 'history'
          ? [host.windows?.before, host.windows?.after]
          : [momentOf(host.baseline), momentOf(host.after)]
      return [
        guard(host.name),
        guard(host.address),
        guard(key),
        guard(quantity?.title ?? ''),
        quantity?.unit ?? '',
        ...[before, after].map((value) => (value === undefined ? '' : String(value))),
        ...[first?.from, first?.to, last?.from, last?.to].map(timeOf),
      ]
    }),
  )
  const won = report.hosts.flatMap(({ name, address, wonBytes }) =>
    wonBytes === undefined
      ? []
      : [
          [
            guard(name),
            guard(address),
            'wonBytes',
            'Memory given back',
            'bytes',
            '',
            String(wonBytes),
            '',
            '',
            '',
            '',
          ],
        ],
  )
  const notes = report.hosts.flatMap(({ name, address, notes }) =>
    notes.map((note) => [guard(name), guard(address), 'note', guard(note), '', '', '', '', '', '', '']),
  )
  return csvOf([header, ...rows, ...won, ...notes])
}

function momentOf(
  document: { readonly at: number; readonly arrivedAt?: number | undefined } | undefined,
): { from: number; to: number } | undefined {
  if (!document) return undefined
  const at = shownTime(document)
  return { from: at, to: at }
}

function timeOf(at: number | undefined): string {
  return at === undefined ? '' : new Date(at).toISOString()
}

// Every quantity of one host before and after the moment, side by side.
import { aboutMetric, type ComparedSpans, metrics } from '../../shared/contract/index.ts'
import { betterOf, metricTitle } from '../../shared/figures/metric-title.ts'
import { formatIn } from '../design/quantities.ts'
import type { Range } from '../history/ranges.ts'
import { useAnswer } from '../store/use-answer.ts'
import { Awaited } from '../ui/Awaited.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { Explained } from '../ui/Explained.tsx'
import { formatMoment } from '../ui/moments.ts'
import { Panel } from '../ui/Panel.tsx'
import type { TableColumn } from '../ui/table-column.ts'
import classes from './compare.module.css'

type Figure = ComparedSpans['figures'][number]

interface SpansTableProps {
  readonly hostId: string
  readonly before: Range
  readonly after: Range
}

export function SpansTable({ hostId, before, after }: SpansTableProps) {
  const answer = useSpans({ hostId, before, after })
  return (
    <Panel
      title="Every quantity, before and after"
      note={`means of ${formatMoment(before.from)} to ${formatMoment(before.to)}, and to ${formatMoment(after.to)}`}
      flush
    >
      <Awaited answer={answer} attempt="Read the history" reading="the history" height={240}>
        {(figures) => (
          <DataTable
            label="Every quantity, before and after"
            rows={figures}
            columns={columns}
            rowKey={({ metric }) => metric}
            empty="Nothing was recorded before or after this moment."
            testId="spans-table"
          />
        )}
      </Awaited>
      <p className={classes.hint}>
        Two times are not two arms of an experiment: the load of the guests may differ between them.
      </p>
    </Panel>
  )
}

function useSpans({ hostId, before, after }: SpansTableProps) {
  const [from, middle, to] = [before.from, after.from, after.to]
  const spans = { before: { from, to: middle }, after: { from: middle, to } }
  return useAnswer(
    async (store, options) => (await store.call('compare/spans', { hostId, ...spans }, options)).figures,
    `${hostId} ${from} ${middle} ${to}`,
  )
}

const absent = <span className="missing">not measured</span>

const columns: readonly TableColumn<Figure>[] = [
  {
    id: 'quantity',
    title: 'Quantity',
    sortBy: ({ metric }) => metricTitle(metric),
    cell: ({ metric }) => <Explained about={aboutMetric(metric)}>{metricTitle(metric)}</Explained>,
  },
  figureColumn('before', 'Before'),
  figureColumn('after', 'After'),
  {
    id: 'change',
    title: 'Change',
    numeric: true,
    cell: (figure) => <Change {...figure} />,
  },
]

function figureColumn(when: 'before' | 'after', title: string): TableColumn<Figure> {
  return {
    id: when,
    title,
    numeric: true,
    cell: ({ metric, [when]: value }) =>
      value === undefined ? absent : <span data-value={value}>{formatIn(metrics[metric].unit, value)}</span>,
  }
}

function Change({ metric, before, after }: Figure) {
  if (before === undefined || after === undefined) return null
  const change = after - before
  const better = betterOf(metric)
  const tone =
    change === 0 || better === undefined ? undefined : change > 0 === (better === 'more') ? 'good' : 'bad'
  const sign = change > 0 ? '+' : change < 0 ? '−' : '±'
  const share = before === 0 ? '' : ` (${sign}${Math.abs((100 * change) / before).toFixed(1)} %)`
  return (
    <span className={classes.change} data-tone={tone}>
      {sign}
      {formatIn(metrics[metric].unit, Math.abs(change))}
      {share}
    </span>
  )
}

// Comparisons as rows: medians, ratio with interval, effect size.
import type { Comparison } from '../../shared/contract/index.ts'
import {
  describeEstimate,
  describeInterval,
  describeLevels,
  describeRatio,
  metricSources,
  metricWords,
} from '../../shared/text/experiment-text.ts'
import { DataTable } from '../ui/DataTable.tsx'
import type { TableColumn } from '../ui/table-column.ts'

interface Row {
  /** Whose; absent: of all hosts, and then no row has one. */
  readonly name?: string
  readonly comparison: Comparison
}

interface ComparisonTableProps {
  readonly label: string
  readonly rows: readonly Row[]
  readonly testId: string
}

export function ComparisonTable({ label, rows, testId }: ComparisonTableProps) {
  return (
    <DataTable
      label={label}
      rows={rows}
      columns={rows.some(({ name }) => name !== undefined) ? [nameColumn, ...columns] : columns}
      rowKey={({ name = '', comparison }) => `${name} ${comparison.metric}`}
      empty="No pair is complete yet."
      testId={testId}
    />
  )
}

const nameColumn: TableColumn<Row> = {
  id: 'name',
  title: 'Of',
  sortBy: ({ name }) => name,
  cell: ({ name }) => <span className="cell-main">{name}</span>,
}

const columns: readonly TableColumn<Row>[] = [
  {
    id: 'metric',
    title: 'Metric',
    sortBy: ({ comparison }) => comparison.metric,
    cell: ({ comparison: { metric } }) => <span title={metricSources[metric]}>{metricWords[metric]}</span>,
  },
  {
    id: 'levels',
    title: 'Medians A → B',
    numeric: true,
    cell: ({ comparison }) => describeLevels(comparison),
  },
  {
    id: 'ratio',
    title: 'Ratio',
    about: 'Typical ratio of B to A in a pair (Hodges and Lehmann).',
    numeric: true,
    sortBy: ({ comparison }) => comparison.estimate.ratio,
    cell: ({ comparison: { estimate } }) => (
      <b title={describeEstimate(estimate)}>{describeRatio(estimate.ratio)}</b>
    ),
  },
  {
    id: 'interval',
    title: '95 % interval',
    about: 'What the exact signed-rank test does not contradict.',
    numeric: true,
    cell: ({ comparison: { estimate } }) =>
      estimate.interval ? (
        describeInterval(estimate.interval)
      ) : (
        <span className="missing">too few pairs</span>
      ),
  },
  {
    id: 'effect',
    title: 'Effect size',
    about: 'Rank-biserial correlation: 1 where B is higher in every pair, −1 where it is lower.',
    numeric: true,
    sortBy: ({ comparison }) => comparison.estimate.effectSize,
    cell: ({ comparison: { estimate } }) => estimate.effectSize.toFixed(2),
  },
  {
    id: 'pairs',
    title: 'Pairs',
    numeric: true,
    sortBy: ({ comparison }) => comparison.estimate.pairs,
    cell: ({ comparison: { estimate } }) => estimate.pairs,
  },
]

// The list of experiments: what was asked, where, how far it is, and the verdict.
import { Checkbox, Progress } from '@mantine/core'
import { useMemo } from 'react'
import type { ExperimentSummary } from '../../shared/contract/index.ts'
import { describeRemaining, experimentStates, metricWords } from '../../shared/text/experiment-text.ts'
import { linkTo } from '../model/route.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { formatMoment } from '../ui/moments.ts'
import state from '../ui/state.module.css'
import type { TableColumn } from '../ui/table-column.ts'
import { isOver, stateTones, titleOfExperiment, verdictTones, verdictWords } from './experiment-view.ts'
import classes from './experiments.module.css'

interface ExperimentTableProps {
  readonly experiments: readonly ExperimentSummary[]
  /** At most two, in the order in which they were chosen. */
  readonly chosen: readonly string[]
  readonly onChoose: (chosen: readonly string[]) => void
}

export function ExperimentTable({ experiments, chosen, onChoose }: ExperimentTableProps) {
  const columns = useMemo(() => {
    const toggle = (id: string) =>
      onChoose(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].slice(-2))
    return [chooseColumn(chosen, toggle), ...plainColumns]
  }, [chosen, onChoose])
  return (
    <DataTable
      label="Experiments"
      rows={experiments}
      columns={columns}
      rowKey={({ id }) => id}
      empty="No experiment yet. Plan one above, or run one on the command line: experiment run HOST…"
      testId="experiments"
    />
  )
}

function chooseColumn(
  chosen: readonly string[],
  toggle: (id: string) => void,
): TableColumn<ExperimentSummary> {
  return {
    id: 'choose',
    title: '',
    width: 34,
    cell: ({ id }) => (
      <Checkbox
        size="xs"
        aria-label={`Choose ${id}`}
        checked={chosen.includes(id)}
        onChange={() => toggle(id)}
      />
    ),
  }
}

const plainColumns: readonly TableColumn<ExperimentSummary>[] = [
  {
    id: 'title',
    title: 'Experiment',
    sortBy: titleOfExperiment,
    cell: (one) => (
      <>
        <a className="cell-main" href={linkTo('experiment', { item: one.id })}>
          {titleOfExperiment(one)}
        </a>
        <div className="cell-sub">
          {metricWords[one.plan.metric]} · {one.hostNames.join(', ')}
        </div>
      </>
    ),
  },
  {
    id: 'startedAt',
    title: 'Started',
    sortBy: ({ startedAt }) => startedAt,
    cell: ({ startedAt, who }) => (
      <>
        {formatMoment(startedAt)}
        <div className="cell-sub">by {who}</div>
      </>
    ),
  },
  {
    id: 'state',
    title: 'State',
    sortBy: ({ state: now }) => now,
    cell: (one) => <StateCell summary={one} />,
  },
  {
    id: 'verdict',
    title: 'Verdict',
    sortBy: ({ verdict }) => verdict.kind,
    cell: ({ verdict }) => (
      <>
        <span className={state.state} data-tone={verdictTones[verdict.kind]} data-verdict={verdict.kind}>
          {verdictWords[verdict.kind]}
        </span>
        <div className="cell-sub">{verdict.sentence}</div>
      </>
    ),
  },
]

function StateCell({ summary }: { readonly summary: ExperimentSummary }) {
  const { state: now, progress, remainingSeconds, why } = summary
  return (
    <>
      <span className={state.state} data-tone={stateTones[now]}>
        {experimentStates[now]}
      </span>
      {!isOver(now) && (
        <>
          <Progress
            value={progress * 100}
            aria-label={experimentStates[now]}
            className={classes.cellProgress}
          />
          <div className="cell-sub">{describeRemaining(remainingSeconds)}</div>
        </>
      )}
      {why && <div className="cell-sub">{why}</div>}
    </>
  )
}

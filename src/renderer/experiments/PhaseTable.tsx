// Every phase, valid or not, with its reason and its figures.
import { useMemo } from 'react'
import type { ExperimentHost, ExperimentPhase, ShownExperiment } from '../../shared/contract/index.ts'
import { describeFault, describeMetric, describePhaseState } from '../../shared/text/experiment-text.ts'
import { formatCount, formatSeconds } from '../../shared/units.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { formatMoment } from '../ui/moments.ts'
import { Panel } from '../ui/Panel.tsx'
import state from '../ui/state.module.css'
import type { TableColumn } from '../ui/table-column.ts'
import { armLetters } from './experiment-view.ts'
import classes from './experiments.module.css'

interface Row {
  readonly host: ExperimentHost
  readonly phase: ExperimentPhase
  readonly armName: string
}

export function PhaseTable({ shown }: { readonly shown: ShownExperiment }) {
  const rows = useMemo(
    () =>
      shown.hosts.flatMap((host) =>
        host.phases.map((phase) => ({ host, phase, armName: shown.plan.arms[phase.arm].name })),
      ),
    [shown],
  )
  const invalid = rows.filter(({ phase }) => phase.state === 'invalid').length
  return (
    <Panel
      title="Phases"
      note={`${rows.length} ${rows.length === 1 ? 'phase' : 'phases'}${invalid > 0 ? `, ${invalid} not valid` : ''}`}
      flush
    >
      <DataTable
        label="Phases"
        rows={rows}
        columns={columns}
        rowKey={({ host, phase }) => `${host.hostId} ${phase.pair} ${phase.attempt} ${phase.arm}`}
        empty="No phase has begun."
        testId="phases"
      />
    </Panel>
  )
}

const columns: readonly TableColumn<Row>[] = [
  {
    id: 'host',
    title: 'Host',
    sortBy: ({ host }) => host.name,
    cell: ({ host }) => <span className={classes.oneLine}>{host.name}</span>,
  },
  {
    id: 'pair',
    title: 'Pair',
    numeric: true,
    sortBy: ({ phase }) => phase.pair * 10 + phase.attempt,
    cell: ({ phase }) => `${phase.pair + 1}${phase.attempt === 0 ? '' : `, try ${phase.attempt + 1}`}`,
  },
  {
    id: 'arm',
    title: 'Arm',
    sortBy: ({ phase }) => phase.arm,
    cell: ({ phase, armName }) => `${armLetters[phase.arm]} (${armName})`,
  },
  {
    id: 'startedAt',
    title: 'Began',
    sortBy: ({ phase }) => phase.startedAt,
    cell: ({ phase }) => formatMoment(phase.startedAt),
  },
  {
    id: 'state',
    title: 'State',
    cell: ({ phase }) => (
      <>
        <span className={state.state} data-tone={toneOf(phase)} data-phase={phase.state}>
          {phase.fault ? 'not valid' : describePhaseState(phase)}
        </span>
        {phase.fault && <div className="cell-sub">{describeFault(phase.fault)}</div>}
      </>
    ),
  },
  {
    id: 'seconds',
    title: 'Measured',
    numeric: true,
    cell: ({ phase: { figures } }) => (figures ? formatSeconds(figures.seconds) : ''),
  },
  {
    id: 'reads',
    title: 'Reads of guests',
    cell: ({ phase: { figures } }) =>
      figures?.guests
        .flatMap(({ name, reads }) => (reads === undefined ? [] : [`${name} ${formatCount(reads)}`]))
        .join(', '),
  },
  {
    id: 'memory',
    title: 'Memory',
    numeric: true,
    cell: ({ phase: { figures } }) =>
      figures?.memoryBytes === undefined ? '' : describeMetric('memory', figures.memoryBytes),
  },
]

function toneOf({ state: now }: ExperimentPhase) {
  if (now === 'valid') return 'good'
  return now === 'invalid' ? 'warn' : 'busy'
}

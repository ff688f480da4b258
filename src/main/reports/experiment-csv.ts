// CSV of an experiment: a line for each guest in each phase, plain numbers in base units, empty where nothing was reported.
import type { ExperimentPhase, GuestPhase, ShownExperiment } from '../../shared/contract/index.ts'
import { csvOf, guard } from '../../shared/text/csv.ts'

const header = [
  'host',
  'pair',
  'attempt',
  'arm',
  'state',
  'fault',
  'startedAt',
  'seconds',
  'guest',
  'reads',
  'askedBytes',
  'fetchedBytes',
  'readLatencySeconds',
  'memoryBytes',
  'imageCacheBytes',
  'cpuRatio',
]

/** By RFC 4180, with a header line; no text in it runs as a formula. Pure. */
export function renderExperimentCsv({ plan, hosts }: ShownExperiment): string {
  const rows = hosts.flatMap((host) =>
    host.phases.flatMap((phase) =>
      guestsOf(phase).map((guest) => [
        guard(host.name),
        String(phase.pair + 1),
        String(phase.attempt + 1),
        guard(plan.arms[phase.arm].name),
        phase.state,
        phase.fault?.code ?? '',
        new Date(phase.startedAt).toISOString(),
        numberOf(phase.figures?.seconds),
        guard(guest?.name ?? ''),
        numberOf(guest?.reads),
        numberOf(guest?.askedBytes),
        numberOf(guest?.fetchedBytes),
        numberOf(guest?.readLatencySeconds),
        numberOf(phase.figures?.memoryBytes),
        numberOf(phase.figures?.imageCacheBytes),
        numberOf(phase.figures?.cpuRatio),
      ]),
    ),
  )
  return csvOf([header, ...rows])
}

/** A phase without guests has a line, too. */
function guestsOf({ figures }: ExperimentPhase): readonly (GuestPhase | undefined)[] {
  return figures === undefined || figures.guests.length === 0 ? [undefined] : figures.guests
}

function numberOf(value: number | undefined): string {
  return value === undefined ? '' : String(value)
}

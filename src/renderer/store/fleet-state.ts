// What the screens know: one immutable value, replaced by each event from main. Pure.

import type { z } from 'zod'
import type {
  DesktopNotifications,
  ExperimentSummary,
  HostChange,
  HostView,
  KeptChoices,
  LogLine,
  NamedPolicy,
  PolicyRound,
  Prompt,
  Rollout,
  Task,
  TestStep,
} from '../../shared/contract/index.ts'
import type { ProblemData } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'
import type { Lost } from '../link/link.ts'

export type LinkState =
  /** Connected, but the fleet could not be listed. */
  | { readonly state: 'failed'; readonly problem: ProblemData }
  | { readonly state: 'opening' }
  | { readonly state: 'open' }
  | ({ readonly state: 'lost' } & Lost)

export interface FleetState {
  readonly link: LinkState
  /** Undefined until the first list has arrived: show skeletons. */
  readonly hosts: readonly HostView[] | undefined
  /** When the link was lost, by the clock of the workbench: until the next list they may be as old as that. */
  readonly lostAt: number | undefined
  readonly prompts: readonly Prompt[]
  /** What keeps the workbench itself from part of its work. */
  readonly problems: readonly ProblemData[]
  /** What the person chose of how pages look. Undefined until the first list has arrived. */
  readonly choices: KeptChoices | undefined
  /** Hosts whose helper is starting again in another mode. */
  readonly switching: readonly string[]
  /** New log lines per host since this page was opened; the rest comes from hosts/log. */
  readonly logs: Readonly<Record<string, readonly LogLine[]>>
  /** Rounds of policies per host since this page was opened; earlier ones come from policies/status. */
  readonly rounds: Readonly<Record<string, readonly PolicyRound[]>>
  /** Undefined until they were asked for or told. */
  readonly namedPolicies: readonly NamedPolicy[] | undefined
  /** The newest first. Undefined until they were asked for. */
  readonly rollouts: readonly Rollout[] | undefined
  /** As they were told since this page was opened; the rest comes from experiments/list. */
  readonly experiments: Readonly<Record<string, ExperimentSummary | 'removed'>>
  /** How many changes were written to the audit since this page was opened. */
  readonly audited: number
  /** Steps of connection tests that this or another page started, by the test's id. */
  readonly tests: Readonly<Record<string, readonly TestStep[]>>
}

export const emptyFleet: FleetState = {
  link: { state: 'opening' },
  hosts: undefined,
  lostAt: undefined,
  prompts: [],
  problems: [],
  choices: undefined,
  switching: [],
  logs: {},
  rounds: {},
  namedPolicies: undefined,
  rollouts: undefined,
  experiments: {},
  audited: 0,
  tests: {},
}

const keptLogLines = 2_000
const keptTests = 9
const keptRounds = 300

type Name = keyof DesktopNotifications & string
type Value<K extends Name> = z.infer<DesktopNotifications[K]>
type Reducers = { readonly [K in Name]: (fleet: FleetState, value: Value<K>) => FleetState }

const reducers: Reducers = {
  // Before the first list one host is not the fleet: pages would show it as all that there is.
  'host/changed': (fleet, change) => withHosts(fleet, (hosts) => replaceHost(hosts, change)),
  'host/measured': (fleet, { hostId, ...documents }) =>
    onHost(fleet, hostId, (view) => ({ ...view, ...documents })),
  'host/removed': (fleet, { hostId }) =>
    withHosts(fleet, (hosts) => hosts.filter((v) => v.host.id !== hostId)),
  'sample/added': (fleet, { hostId, sample }) =>
    onHost(fleet, hostId, (view) => ({ ...view, latest: sample })),
  'task/changed': (fleet, task) =>
    onHost(fleet, task.hostId, (view) => ({ ...view, tasks: replaceTask(view.tasks, task) })),
  'task/ended': (fleet, { id, hostId }) =>
    onHost(fleet, hostId, (view) => ({ ...view, tasks: view.tasks.filter((task) => task.id !== id) })),
  'choices/changed': (fleet, { choices }) => ({ ...fleet, choices }),
  'problems/changed': (fleet, { problems }) => ({ ...fleet, problems }),
  'prompt/asked': (fleet, prompt) => ({
    ...fleet,
    prompts: [...fleet.prompts.filter(({ id }) => id !== prompt.id), prompt],
  }),
  'prompt/withdrawn': (fleet, { id }) => ({
    ...fleet,
    prompts: fleet.prompts.filter((prompt) => prompt.id !== id),
  }),
  'policies/round': (fleet, { hostId, round }) => {
    const before = (fleet.rounds[hostId] ?? []).filter(({ runId }) => runId === round.runId)
    if (before.some(({ sequence }) => sequence === round.sequence)) return fleet
    return { ...fleet, rounds: { ...fleet.rounds, [hostId]: [...before.slice(1 - keptRounds), round] } }
  },
  'policies/named': (fleet, { policies }) => ({ ...fleet, namedPolicies: policies }),
  'rollouts/changed': (fleet, changed) => {
    const before = fleet.rollouts ?? []
    const known = before.some(({ id }) => id === changed.id)
    const replaced = before.map((one) => (one.id === changed.id ? changed : one))
    return { ...fleet, rollouts: known ? replaced : [changed, ...before] }
  },
  'experiments/changed': (fleet, changed) => ({
    ...fleet,
    experiments: { ...fleet.experiments, [changed.id]: changed },
  }),
  'experiments/removed': (fleet, { id }) => ({
    ...fleet,
    experiments: { ...fleet.experiments, [id]: 'removed' as const },
  }),
  'audit/added': (fleet) => ({ ...fleet, audited: fleet.audited + 1 }),
  // Only the last few: a test is looked at while it runs and just after.
  'test/stepped': (fleet, { id, steps }) => {
    const others = Object.entries(fleet.tests).filter(([other]) => other !== id)
    return { ...fleet, tests: Object.fromEntries([...others.slice(-keptTests), [id, steps]]) }
  },
  // The store opens the page: where we are is kept in the address.
  'page/shown': (fleet) => fleet,
  'log/added': (fleet, line) => {
    const lines = [...(fleet.logs[line.hostId] ?? []), line].slice(-keptLogLines)
    return { ...fleet, logs: { ...fleet.logs, [line.hostId]: lines } }
  },
}

export function reduceNotification<K extends Name>(fleet: FleetState, name: K, value: Value<K>): FleetState {
  const reduce: (fleet: FleetState, value: Value<K>) => FleetState = reducers[name]
  return reduce(fleet, value)
}

/** Questions close: nobody is there to answer to, and who comes next may not be the workbench. */
export function reduceLoss(fleet: FleetState, lost: Lost): FleetState {
  // Of several losses without a list in between, the first.
  return { ...fleet, prompts: [], lostAt: fleet.lostAt ?? lost.at, link: { state: 'lost', ...lost } }
}

type Listed = Pick<FleetState, 'hosts' | 'prompts' | 'problems' | 'choices'>

/** What was told before the link was lost may be out of date; screens ask for it again. */
export function reduceList(fleet: FleetState, listed: Listed): FleetState {
  const asked = { namedPolicies: undefined, rollouts: undefined, experiments: {} }
  return { ...fleet, ...asked, ...listed, link: { state: 'open' }, lostAt: undefined }
}

function withHosts(
  fleet: FleetState,
  change: (hosts: readonly HostView[]) => readonly HostView[],
): FleetState {
  return fleet.hosts ? { ...fleet, hosts: change(fleet.hosts) } : fleet
}

function onHost(fleet: FleetState, hostId: string, change: (view: HostView) => HostView): FleetState {
  return withHosts(fleet, (hosts) => hosts.map((view) => (view.host.id === hostId ? change(view) : view)))
}

/** Nothing but figures of a host that is known: no other state, task or policy, nor another name. */
export function changesFiguresOnly(fleet: FleetState, change: HostChange): boolean {
  const before = fleet.hosts?.find(({ host }) => host.id === change.host.id)
  return before !== undefined && stateOf(before) === stateOf(change)
}

function stateOf({ host, connection, tasks, policy, problem, hello }: HostChange): string {
  return JSON.stringify([host, connection, tasks, policy, problem, hello])
}

function replaceHost(hosts: readonly HostView[], change: HostChange): readonly HostView[] {
  const present = hosts.some(({ host }) => host.id === change.host.id)
  if (!present) return [...hosts, change]
  return hosts.map((view) => (view.host.id === change.host.id ? { ...kept(view), ...change } : view))
}

/** What a change does not carry. */
function kept({ latest, assessment, lastScrub }: HostView): Partial<HostView> {
  return withValue({ latest, assessment, lastScrub })
}

function replaceTask(tasks: readonly Task[], task: Task): Task[] {
  const present = tasks.some(({ id }) => id === task.id)
  return present ? tasks.map((other) => (other.id === task.id ? task : other)) : [...tasks, task]
}

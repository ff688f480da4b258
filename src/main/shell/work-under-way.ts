// What ends with the workbench, in words: a person is asked before it does.
import type { ExperimentSummary, HostView, Rollout } from '../../shared/contract/index.ts'
import { oneLine } from '../../shared/text/printable.ts'

const maxLines = 8
const underWay: ReadonlySet<ExperimentSummary['state']> = new Set(['running', 'pausing', 'stopping'])

type AtWork = Pick<HostView, 'host' | 'tasks' | 'policy'>

/** Those that the command line runs do not end with this process. */
type AtTrial = Pick<ExperimentSummary, 'plan' | 'state' | 'workbench'>

/** A line for each act and policy that would be stopped, for each roll-out and experiment; empty: nothing is under way. Pure. */
export function describeWork(
  hosts: readonly AtWork[],
  rollouts: readonly Pick<Rollout, 'plan' | 'state'>[],
  experiments: readonly AtTrial[],
): string[] {
  const lines = hosts.flatMap(({ host, tasks, policy }) => {
    const name = oneLine(host.name)
    const acts = tasks
      .filter(({ kind }) => kind !== 'connect')
      .map(({ title }) => `${name}: ${oneLine(title)}`)
    return policy?.mode === 'session' ? [...acts, `${name}: its policy, which ends with this session`] : acts
  })
  const rolling = rollouts
    .filter(({ state }) => state === 'running')
    .map(({ plan }) => `Roll-out of ${oneLine(plan.policyName ?? 'a policy')}: it goes on at the next start`)
  const tried = experiments
    .filter(({ state, workbench }) => workbench === 'workbench' && underWay.has(state))
    .map(({ plan }) => `Experiment ${oneLine(plan.title ?? 'without a title')}: it goes on at the next start`)
  return [...lines, ...rolling, ...tried]
}

/** The lines of the question: not more than a dialog can show. Pure. */
export function shorten(lines: readonly string[]): string {
  if (lines.length <= maxLines) return lines.join('\n')
  return [...lines.slice(0, maxLines), `and ${lines.length - maxLines} more`].join('\n')
}

// A roll-out in sentences: the same on screens and on the command line.
import type { Rollout, RolloutHost } from '../contract/rollouts.ts'
import { ownLines } from './terminal.ts'

/** One line: how far it is, or how it ended. */
export function describeRollout(rollout: Rollout): string {
  return ownLines([stateOfRollout(rollout)])
}

function stateOfRollout(rollout: Rollout): string {
  const { state, stage, hosts, heldSeconds, plan, why } = rollout
  const last = Math.max(...hosts.map((host) => host.stage))
  const running = `${hosts.filter((host) => host.state === 'running').length} of ${hosts.length} hosts run the policy`
  if (state === 'done') return `done: ${running}`
  if (state === 'stopping') return `stopping: ${why}`
  if (state === 'stopped') return `stopped at stage ${stage + 1} of ${last + 1}: ${why}`
  const held = `held for ${Math.floor(heldSeconds)} of ${plan.waitSeconds} s`
  return `stage ${stage + 1} of ${last + 1}: ${running}; ${held}`
}

/** One line. */
export function describeRolloutHost(host: RolloutHost): string {
  const { name, detail } = host
  return ownLines([`${name}: ${stateOfRolloutHost(host)}${detail === undefined ? '' : ` (${detail})`}`])
}

/** What the host does in the roll-out, in session mode or by its service. */
export function stateOfRolloutHost({ state, mode, goesBack }: RolloutHost): string {
  if (mode !== 'service') return hostStates[state]
  if (state === 'running') return 'its service runs the policy'
  if (state === 'stopping' && goesBack) return 'its service returns to its earlier policy'
  return state === 'restored' && goesBack ? 'its service runs its earlier policy again' : hostStates[state]
}

/** Once every host runs the policy: what becomes of it when the command ends that rolled it out. */
export function describeStaying(hosts: readonly Pick<RolloutHost, 'name' | 'mode'>[]): string {
  const namesOf = (isService: boolean) =>
    hosts.filter(({ mode }) => (mode === 'service') === isService).map(({ name }) => name)
  const [services, sessions] = [namesOf(true).join(', '), namesOf(false).join(', ')]
  if (sessions === '') return 'the service of every host runs the policy, and goes on with it'
  if (services === '') return 'every host runs the policy; Ctrl-C ends it and puts everything back'
  return `every host runs the policy; Ctrl-C ends it on ${sessions} and puts everything back there, and the services of ${services} go on with it`
}

const hostStates: Readonly<Record<RolloutHost['state'], string>> = {
  waiting: 'waits for its turn',
  starting: 'starting',
  running: 'runs the policy',
  stopping: 'putting everything back',
  restored: 'stopped, everything is put back',
  unconfirmed: 'ended, not confirmed',
  replaced: 'left to what somebody else decided',
  refused: 'was not started',
  ended: 'ended',
}

// A roll-out as a state machine: what each event makes of it, and what is due then. Pure.
import type { Policy, PolicyRun, RolloutHost, RolloutPlan } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'
import type { KeptHost, KeptRollout } from './kept-rollout.ts'

export type RolloutEvent =
  | { readonly kind: 'starting' | 'stopping' | 'restored'; readonly hostId: string }
  /** What the host's service runs already, which this roll-out replaces; undefined: nothing. */
  | { readonly kind: 'found'; readonly hostId: string; readonly before: Policy | undefined }
  | { readonly kind: 'started'; readonly hostId: string; readonly mode: PolicyRun['mode'] }
  /** It could not be started there; nothing was changed. */
  | { readonly kind: 'refused'; readonly hostId: string; readonly why: string }
  /** It was being started when the workbench ended, and does not run there. */
  | { readonly kind: 'not-started'; readonly hostId: string }
  /** Its guards cannot be judged for the moment: the stage waits. */
  | { readonly kind: 'unjudged'; readonly hostId: string; readonly why: string }
  | { readonly kind: 'judged'; readonly hostId: string }
  /** A guard tripped, or a round failed; the policy still runs there. */
  | { readonly kind: 'tripped'; readonly hostId: string; readonly why: string }
  /** The policy ended there without our doing, or nobody can ask any more. */
  | { readonly kind: 'lost'; readonly hostId: string; readonly why: string }
  | { readonly kind: 'unconfirmed'; readonly hostId: string; readonly why: string }
  /** Somebody else has decided what runs there. */
  | { readonly kind: 'replaced'; readonly hostId: string; readonly why: string }
  /** So much time went by, on a monotonic clock. */
  | { readonly kind: 'passed'; readonly seconds: number }
  | { readonly kind: 'cancelled'; readonly why: string }
  /** The workbench was started again: every session, and with it every policy of a session, has ended. Services went on. */
  | { readonly kind: 'reopened' }

/** Hosts say why: a roll-out that holds more could neither be kept nor shown. */
const longestSentence = 2048

export type RolloutAct = { readonly kind: 'start' | 'stop'; readonly hostId: string }

/**
 * The stage of each host, in their order. Stages that add no host are left out. Throws `bad-input` where a stage is
 * smaller than the one before it, or the last one leaves hosts out.
 */
export function stagesOfHosts(hosts: number, stages: readonly string[]): number[] {
  let covered = 0
  let used = 0
  const found: number[] = []
  for (const stage of stages) {
    const size = sizeOfStage(stage, hosts)
    if (size < covered)
      throw refused(
        `stage ${stage} is ${size} of ${hosts} hosts, fewer than the ${covered} of the stage before it`,
      )
    for (; covered < size; covered += 1) found.push(used)
    if (found.includes(used)) used += 1
  }
  if (covered < hosts)
    throw refused(`the last stage is ${covered} of ${hosts} hosts; end with 100% to reach all of them`)
  return found
}

function sizeOfStage(stage: string, hosts: number): number {
  const size = stage.endsWith('%') ? Math.ceil((hosts * Number(stage.slice(0, -1))) / 100) : Number(stage)
  return Math.min(hosts, size)
}

function refused(reason: string): Problem {
  return new Problem('bad-input', `cannot roll out a policy: ${reason}`)
}

export interface RolloutOrder {
  readonly id: string
  readonly startedAt: number
  readonly who: string
  /** In the order in which they are started. */
  readonly hosts: readonly { readonly id: string; readonly name: string }[]
}

/** A plan that has begun: every host waits for its stage. */
export function newRollout({ hostIds: _, ...plan }: RolloutPlan, order: RolloutOrder): KeptRollout {
  const stages = stagesOfHosts(order.hosts.length, plan.stages)
  return {
    id: order.id,
    plan,
    startedAt: order.startedAt,
    who: order.who,
    state: 'running',
    stage: 0,
    heldSeconds: 0,
    hosts: order.hosts.map(({ id, name }, index) => ({
      hostId: id,
      name,
      stage: stages[index] ?? 0,
      state: 'waiting',
    })),
  }
}

/** An event that does not fit the state of its host changes nothing: it came too late, and the same object is returned. */
export function advanceRollout(rollout: KeptRollout, event: RolloutEvent): KeptRollout {
  return settle(applyEvent(rollout, event))
}

function applyEvent(rollout: KeptRollout, event: RolloutEvent): KeptRollout {
  switch (event.kind) {
    case 'starting':
      return rollout.state !== 'running'
        ? rollout
        : enter(rollout, event.hostId, ['waiting'], { state: 'starting' })
    case 'found':
      return find(rollout, event)
    case 'started':
      return enter(rollout, event.hostId, ['starting'], { state: 'running', mode: event.mode })
    case 'stopping':
      return enter(rollout, event.hostId, ['running'], { state: 'stopping' })
    case 'restored':
      return enter(rollout, event.hostId, ['stopping'], { state: 'restored' })
    case 'refused':
      return stopFor(
        enter(rollout, event.hostId, ['waiting', 'starting'], { ...event, state: 'refused' }),
        event,
      )
    case 'not-started':
      return enter(rollout, event.hostId, ['starting'], {
        state: rollout.state === 'running' ? 'waiting' : 'refused',
      })
    case 'unjudged':
      return note(rollout, event.hostId, event.why)
    case 'judged':
      return note(rollout, event.hostId, undefined)
    case 'tripped':
      return stopFor(enter(rollout, event.hostId, ['running'], { ...event, state: 'running' }), event)
    case 'lost':
      return lose(rollout, event)
    case 'unconfirmed':
      return stopFor(
        enter(rollout, event.hostId, ['starting', 'stopping', 'running'], { ...event, state: 'unconfirmed' }),
        event,
      )
    case 'replaced':
      return stopFor(
        enter(rollout, event.hostId, ['stopping', 'running'], { ...event, state: 'replaced' }),
        event,
      )
    case 'passed':
      return pass(rollout, event.seconds)
    case 'cancelled':
      return rollout.state === 'running' || rollout.state === 'done' ? stopping(rollout, event.why) : rollout
    case 'reopened':
      return reopen(rollout)
  }
}

function enter(
  rollout: KeptRollout,
  hostId: string,
  from: readonly RolloutHost['state'][],
  to: Pick<KeptHost, 'state' | 'mode'> & { readonly why?: string },
): KeptRollout {
  const change = (host: KeptHost): KeptHost => {
    const isEnding = to.state === 'stopping' || to.state === 'restored'
    const detail = to.why ?? (isEnding ? host.detail : undefined)
    const { detail: _, ...rest } = host
    return {
      ...rest,
      state: to.state,
      ...withValue({ mode: to.mode ?? host.mode, detail: detail?.slice(0, longestSentence) }),
    }
  }
  return changeHost(rollout, hostId, from, change)
}

/** The policy of the roll-out itself is what an earlier start has left, not what was there before. */
function find(
  rollout: KeptRollout,
  { hostId, before }: { hostId: string; before: Policy | undefined },
): KeptRollout {
  return changeHost(rollout, hostId, ['starting'], ({ before: known, ...host }) => {
    const isOwn = host.goesBack !== undefined && before && isSamePolicy(before, rollout.plan.policy)
    const found = isOwn ? known : before
    return { ...host, goesBack: found !== undefined, ...withValue({ before: found }) }
  })
}

/** Both were parsed by the same schema, so that keys stand in the same order. */
export function isSamePolicy(one: Policy, other: Policy): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function note(rollout: KeptRollout, hostId: string, why: string | undefined): KeptRollout {
  if (rollout.state !== 'running') return rollout
  const detail = why?.slice(0, longestSentence)
  const isNoted = rollout.hosts.some((host) => host.hostId === hostId && host.detail === detail)
  if (isNoted) return rollout
  return changeHost(rollout, hostId, ['running'], ({ detail: _, ...host }) => ({
    ...host,
    ...withValue({ detail }),
  }))
}

function changeHost(
  rollout: KeptRollout,
  hostId: string,
  from: readonly RolloutHost['state'][],
  change: (host: KeptHost) => KeptHost,
): KeptRollout {
  const place = rollout.hosts.findIndex((host) => host.hostId === hostId && from.includes(host.state))
  const host = rollout.hosts[place]
  return host === undefined ? rollout : { ...rollout, hosts: rollout.hosts.with(place, change(host)) }
}

/** After its end a roll-out judges no longer. */
function stopFor(rollout: KeptRollout, { hostId, why }: { hostId: string; why: string }): KeptRollout {
  if (rollout.state !== 'running') return rollout
  const name = rollout.hosts.find((host) => host.hostId === hostId)?.name ?? hostId
  return stopping(rollout, `${name}: ${why}`)
}

function stopping(rollout: KeptRollout, why: string): KeptRollout {
  return { ...rollout, state: 'stopping', why: why.slice(0, longestSentence) }
}

function lose(rollout: KeptRollout, event: { hostId: string; why: string }): KeptRollout {
  const state = rollout.state === 'done' ? 'ended' : 'unconfirmed'
  return stopFor(enter(rollout, event.hostId, ['running'], { ...event, state }), event)
}

function pass(rollout: KeptRollout, seconds: number): KeptRollout {
  if (rollout.state !== 'running' || !isStageRunning(rollout)) return rollout
  const heldSeconds = rollout.heldSeconds + seconds
  if (heldSeconds < rollout.plan.waitSeconds) return { ...rollout, heldSeconds }
  const isLast = rollout.hosts.every(({ stage }) => stage <= rollout.stage)
  if (isLast) return { ...rollout, heldSeconds, state: 'done' }
  return { ...rollout, heldSeconds: 0, stage: rollout.stage + 1 }
}

function isStageRunning({ hosts, stage }: KeptRollout): boolean {
  return hosts.every((host) => host.stage > stage || host.state === 'running')
}

const begun: readonly RolloutHost['state'][] = ['starting', 'running', 'stopping']

/** Whether one that was being started runs is not known before the host is asked. */
const isRun: readonly RolloutHost['state'][] = ['running', 'stopping']

function reopen(rollout: KeptRollout): KeptRollout {
  const becomes = rollout.state === 'running' ? 'waiting' : 'ended'
  const detail = 'the policy ended when the workbench was closed'
  const change = (host: KeptHost): KeptHost =>
    isRun.includes(host.state) && host.mode !== 'service' ? { ...host, state: becomes, detail } : goOn(host)
  return { ...rollout, heldSeconds: 0, hosts: rollout.hosts.map(change) }
}

/** A service goes on with the policy; the stop that had begun is begun again. */
function goOn(host: KeptHost): KeptHost {
  return host.state === 'stopping' ? { ...host, state: 'running' } : host
}

function settle(rollout: KeptRollout): KeptRollout {
  if (rollout.state !== 'stopping') return rollout
  return rollout.hosts.some(({ state }) => begun.includes(state)) ? rollout : { ...rollout, state: 'stopped' }
}

/** What is to be begun now; an act under way shows in the state of its host and is not due again. */
export function dueActs({ state, stage, hosts }: KeptRollout): RolloutAct[] {
  if (state === 'running')
    return hosts
      .filter((host) => host.state === 'waiting' && host.stage <= stage)
      .map(({ hostId }) => ({ kind: 'start', hostId }))
  if (state === 'stopping')
    return hosts.filter((host) => host.state === 'running').map(({ hostId }) => ({ kind: 'stop', hostId }))
  return []
}

/** Those that are to run the policy by now. */
export function hostsUpToStage({ hosts, stage }: KeptRollout): string[] {
  return hosts.filter((host) => host.stage <= stage).map(({ hostId }) => hostId)
}

/** Nothing is left to do or to watch. */
export function isOver({ state, hosts }: KeptRollout): boolean {
  return state === 'stopped' || (state === 'done' && !hosts.some((host) => begun.includes(host.state)))
}

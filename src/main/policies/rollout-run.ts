// Carries one roll-out through: starts and stops what is due, watches its hosts, and tells of every change.
import type { Policy, PolicyRound, PolicyStatus } from '../../shared/contract/index.ts'
import { asProblem } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { sleep } from '../../shared/waiting.ts'
import type { HelperLink } from '../helper-link/helper-link.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { readPolicyStatus, startPolicy, stopPolicy } from './host-policy.ts'
import { whyTripped } from './judge-round.ts'
import type { KeptHost, KeptRollout } from './kept-rollout.ts'
import { advanceRollout, dueActs, isOver, type RolloutAct, type RolloutEvent } from './rollout-machine.ts'

export interface RolloutRunParts {
  readonly fleet: Fleet
  readonly onChange: (rollout: KeptRollout) => void
  /** Milliseconds on a clock that only goes forward. */
  readonly nowMs: () => number
  readonly tickMs: number
  /** A host that is due is waited for this long until it is connected. */
  readonly patienceMs: number
  /** A host that runs the policy is asked this often whether it still does. */
  readonly askEveryMs: number
}

interface Watched {
  /** A policy in session mode lives as long as this link; a service goes on without us. */
  readonly link: HelperLink
  first: PolicyRound | undefined
  askedMs: number
}

export class RolloutRun {
  readonly #parts: RolloutRunParts
  readonly #closed = new AbortController()
  readonly #watched = new Map<string, Watched>()
  readonly #waitedSinceMs = new Map<string, number>()
  readonly #context: CallContext
  #wake = new AbortController()
  #rollout: KeptRollout

  constructor(rollout: KeptRollout, parts: RolloutRunParts) {
    this.#rollout = rollout
    this.#parts = parts
    this.#context = { signal: this.#closed.signal, reportProgress: () => undefined }
  }

  get rollout(): KeptRollout {
    return this.#rollout
  }

  /** Returns when nothing is left to do or to watch, or when it was closed; its state says how far it came then. */
  async run(): Promise<void> {
    const { nowMs, tickMs } = this.#parts
    let beforeMs = nowMs()
    while (!this.#closed.signal.aborted && !isOver(this.#rollout)) {
      this.#look()
      for (const act of dueActs(this.#rollout)) this.#begin(act)
      this.#wake = new AbortController()
      await sleep(tickMs, AbortSignal.any([this.#closed.signal, this.#wake.signal]))
      if (this.#closed.signal.aborted) return
      const now = nowMs()
      if (this.#areAllSeen()) this.#apply({ kind: 'passed', seconds: (now - beforeMs) / 1000 })
      beforeMs = now
    }
  }

  stop(why: string): void {
    this.#apply({ kind: 'cancelled', why })
    this.#wake.abort()
  }

  /** Leaves everything as it is: the next workbench goes on from the state. */
  close(): void {
    this.#closed.abort()
  }

  noteRound(hostId: string, round: PolicyRound): void {
    const watched = this.#watched.get(hostId)
    if (watched === undefined || this.#rollout.state !== 'running') return
    watched.first ??= round
    const why = whyTripped(round, watched.first, this.#rollout.plan.pressureRatio)
    if (why === undefined) return
    this.#apply({ kind: 'tripped', hostId, why })
    this.#wake.abort()
  }

  #apply(event: RolloutEvent): void {
    if (this.#closed.signal.aborted) return
    const next = advanceRollout(this.#rollout, event)
    if (next === this.#rollout) return
    this.#rollout = next
    this.#parts.onChange(next)
  }

  /** Time in which nobody could see the guards of a host proves nothing. */
  #areAllSeen(): boolean {
    return this.#rollout.hosts.every(({ hostId, state }) => {
      const link = this.#linkOf(hostId)
      return state !== 'running' || (link !== undefined && this.#watched.get(hostId)?.link === link)
    })
  }

  /** At every host that runs the policy: whether it is still there and goes well. */
  #look(): void {
    for (const host of this.#rollout.hosts) {
      const watched = host.state === 'running' ? this.#watch(host) : undefined
      const now = this.#parts.nowMs()
      if (watched === undefined || now - watched.askedMs < this.#parts.askEveryMs) continue
      watched.askedMs = now
      this.#ask(host.hostId).catch((error: unknown) =>
        this.#apply({ kind: 'tripped', hostId: host.hostId, why: asProblem(error).message }),
      )
    }
  }

  /** A service is found again when its host is connected again, within our patience. */
  #watch(host: KeptHost): Watched | undefined {
    const { hostId } = host
    const watched = this.#watched.get(hostId)
    const link = this.#linkOf(hostId)
    if (watched !== undefined && watched.link === link) return watched
    if (host.mode !== 'service' || (link === undefined && this.#isTooLong(hostId))) {
      this.#apply({ kind: 'lost', hostId, why: whyUnconfirmed(host) })
      return undefined
    }
    if (link === undefined) return undefined
    this.#waitedSinceMs.delete(hostId)
    const found = { link, first: watched?.first, askedMs: Number.NEGATIVE_INFINITY }
    this.#watched.set(hostId, found)
    return found
  }

  /** Whether a host has been waited for longer than our patience. */
  #isTooLong(hostId: string): boolean {
    const { nowMs, patienceMs } = this.#parts
    const since = this.#waitedSinceMs.get(hostId) ?? nowMs()
    this.#waitedSinceMs.set(hostId, since)
    return nowMs() - since > patienceMs
  }

  async #ask(hostId: string): Promise<void> {
    const { run, ended } = await readPolicyStatus(this.#parts.fleet, hostId, this.#closed.signal)
    if (run === undefined)
      this.#apply({ kind: 'lost', hostId, why: `the policy has ended there${ended ? `: ${ended}` : ''}` })
    else if (!isSamePolicy(run.policy, this.#rollout.plan.policy))
      this.#apply({ kind: 'lost', hostId, why: `${run.who} started another policy there` })
    else if (run.trouble !== undefined)
      this.#apply({ kind: 'tripped', hostId, why: `a round failed: ${run.trouble}` })
  }

  #begin({ kind, hostId }: RolloutAct): void {
    if (kind === 'stop') this.#stopHost(hostId)
    else if (this.#mayStart(hostId)) this.#startHost(hostId)
  }

  /** What keeps a host for the moment is waited for; what will not pass by itself refuses it. */
  #mayStart(hostId: string): boolean {
    const { fleet } = this.#parts
    const mode = fleet.has(hostId) ? fleet.find(hostId).session.host.mode : undefined
    if (mode !== 'change') {
      const why = mode === undefined ? 'it was removed' : 'the host is in observe mode'
      this.#apply({ kind: 'refused', hostId, why })
      return false
    }
    const { link, isBusy } = this.#stateOf(hostId)
    if (link !== undefined && !isBusy) {
      this.#waitedSinceMs.delete(hostId)
      return true
    }
    if (this.#isTooLong(hostId)) {
      const why = link === undefined ? 'it is not connected' : 'something else still runs on it'
      this.#apply({ kind: 'refused', hostId, why })
    }
    return false
  }

  #startHost(hostId: string): void {
    const link = this.#linkOf(hostId)
    if (link === undefined) return
    this.#apply({ kind: 'starting', hostId })
    this.#startOn(hostId).then(
      ({ run }) => {
        this.#watched.set(hostId, { link, first: undefined, askedMs: this.#parts.nowMs() })
        this.#apply({ kind: 'started', hostId, mode: run?.mode ?? 'session' })
        this.#wake.abort()
      },
      (error: unknown) => {
        this.#apply({ kind: 'refused', hostId, why: asProblem(error).message })
        this.#wake.abort()
      },
    )
  }

  /** What a service ran before is kept first, so that it can be put back however this goes on. */
  async #startOn(hostId: string): Promise<PolicyStatus> {
    const { fleet } = this.#parts
    const { run } = await readPolicyStatus(fleet, hostId, this.#closed.signal)
    if (run?.mode === 'service' && this.#hostOf(hostId)?.mode === undefined)
      this.#apply({ kind: 'found', hostId, before: run.policy })
    return startPolicy(fleet, hostId, this.#rollout.plan.policy, this.#context)
  }

  /** Another act on the host (an assessment) is waited for, and so is the connection to a service. */
  #stopHost(hostId: string): void {
    const host = this.#hostOf(hostId)
    const { link, isBusy } = this.#stateOf(hostId)
    if (host === undefined || (link !== undefined && isBusy)) return
    if (link === undefined) {
      if (host.mode === 'service' && !this.#isTooLong(hostId)) return
      this.#apply({ kind: 'unconfirmed', hostId, why: whyUnconfirmed(host) })
      return
    }
    this.#apply({ kind: 'stopping', hostId })
    this.#putBack(host).then(
      () => this.#settleHost({ kind: 'restored', hostId }),
      (error: unknown) => this.#settleHost({ kind: 'unconfirmed', hostId, why: asProblem(error).message }),
    )
  }

  /** A service that ran a policy before runs that again; nothing of it was put back in between. */
  #putBack({ hostId, before }: KeptHost): Promise<PolicyStatus> {
    const { fleet } = this.#parts
    return before === undefined
      ? stopPolicy(fleet, hostId, this.#context)
      : startPolicy(fleet, hostId, before, this.#context)
  }

  #hostOf(hostId: string): KeptHost | undefined {
    return this.#rollout.hosts.find((host) => host.hostId === hostId)
  }

  #settleHost(event: RolloutEvent & { readonly hostId: string }): void {
    this.#watched.delete(event.hostId)
    this.#apply(event)
    this.#wake.abort()
  }

  #linkOf(hostId: string): HelperLink | undefined {
    return this.#stateOf(hostId).link
  }

  #stateOf(hostId: string): { readonly link: HelperLink | undefined; readonly isBusy: boolean } {
    const { fleet } = this.#parts
    if (!fleet.has(hostId)) return { link: undefined, isBusy: false }
    const host = fleet.find(hostId)
    return { link: host.session.link, isBusy: host.view().tasks.some(({ kind }) => kind !== 'connect') }
  }
}

function whyUnconfirmed({ mode }: KeptHost): string {
  return mode === 'service'
    ? 'the connection broke; the service on this host goes on with the policy until it is given another'
    : 'the connection broke; its helper ends the policy and puts everything back by itself'
}

/** Both were parsed by the same schema, so that keys stand in the same order. */
function isSamePolicy(one: Policy, other: Policy): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

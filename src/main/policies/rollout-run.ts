// Carries one roll-out through: starts and stops what is due, watches its hosts, and tells of every change.
import type { PolicyRound, PolicyRun } from '../../shared/contract/index.ts'
import { asProblem, type Problem } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { describeRest } from '../../shared/text/policy-text.ts'
import { sleep } from '../../shared/time/waiting.ts'
import type { HelperLink } from '../helper-link/helper-link.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { readPolicyStatus } from './host-policy.ts'
import type { KeptHost, KeptRollout } from './kept-rollout.ts'
import { Patience } from './patience.ts'
import { isUncertain, putBack, whyUnconfirmed } from './put-back.ts'
import {
  advanceRollout,
  dueActs,
  hostsUpToStage,
  isOver,
  isSamePolicy,
  type RolloutAct,
  type RolloutEvent,
} from './rollout-machine.ts'
import { findStarted, type HostStart, readinessOf, startOnHost, stateOfHost } from './start-host.ts'
import { WatchedHosts } from './watched-hosts.ts'

export interface RolloutRunParts {
  readonly fleet: Fleet
  readonly onChange: (rollout: KeptRollout) => void
  /** Resolves once what was told of is on the disk. */
  readonly saved: () => Promise<void>
  /** Milliseconds on a clock that only goes forward. */
  readonly nowMs: () => number
  readonly tickMs: number
  /** A host that is due is waited for this long until it is connected. */
  readonly patienceMs: number
  /** A host that runs the policy is asked this often whether it still does. */
  readonly askEveryMs: number
}

export class RolloutRun {
  readonly #parts: RolloutRunParts
  readonly #closed = new AbortController()
  readonly #watched: WatchedHosts
  readonly #patience: Patience
  /** With hosts that do not answer. */
  readonly #silences: Patience
  /** Hosts with a start or a look under way, and why a start may have failed. */
  readonly #busy = new Set<string>()
  readonly #doubts = new Map<string, string>()
  readonly #context: CallContext
  #wake = new AbortController()
  #rollout: KeptRollout

  constructor(rollout: KeptRollout, parts: RolloutRunParts) {
    this.#rollout = rollout
    this.#parts = parts
    this.#watched = new WatchedHosts(rollout.plan.pressureRatio)
    this.#patience = new Patience(parts.nowMs, parts.patienceMs)
    this.#silences = new Patience(parts.nowMs, parts.patienceMs)
    this.#context = { signal: this.#closed.signal, reportProgress: () => undefined }
  }

  get rollout(): KeptRollout {
    return this.#rollout
  }

  /** Returns when nothing is left to do or to watch, or when it was closed; its state says how far it came then. */
  async run(): Promise<void> {
    while (!this.#closed.signal.aborted && !isOver(this.#rollout)) {
      this.#look()
      for (const act of dueActs(this.#rollout)) this.#begin(act)
      this.#wake = new AbortController()
      await sleep(this.#parts.tickMs, AbortSignal.any([this.#closed.signal, this.#wake.signal]))
      if (this.#closed.signal.aborted) return
      const seconds = this.#watched.takeHeldSeconds(hostsUpToStage(this.#rollout))
      if (seconds > 0) this.#apply({ kind: 'passed', seconds })
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
    if (this.#rollout.state !== 'running') return
    this.#tripFor(hostId, this.#watched.judgeRound(hostId, round, this.#parts.nowMs()))
    this.#noteSilence(hostId)
  }

  #tripFor(hostId: string, why: string | undefined): void {
    if (why === undefined || this.#rollout.state !== 'running') return
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

  /** At every host that runs the policy, or may: whether it does and goes well. */
  #look(): void {
    for (const host of this.#rollout.hosts) {
      if (host.state === 'starting') this.#lookAfterStart(host)
      if (host.state === 'running') this.#lookAtRunning(host)
    }
  }

  #lookAtRunning(host: KeptHost): void {
    const { hostId } = host
    const watched = this.#watch(host)
    const now = this.#parts.nowMs()
    if (watched === undefined) return
    this.#noteSilence(hostId)
    if (now - watched.askedMs < this.#parts.askEveryMs || this.#busy.has(hostId)) return
    watched.askedMs = now
    this.#alone(hostId, async () => {
      try {
        await this.#ask(hostId)
        this.#silences.end(hostId)
        watched.isAnswering = true
        this.#noteSilence(hostId)
      } catch (error) {
        this.#noteUnanswered(hostId, asProblem(error))
      }
    })
  }

  #noteSilence(hostId: string): void {
    const watched = this.#watched.find(hostId)
    if (this.#rollout.state !== 'running' || watched === undefined) return
    if (!this.#watched.isSilent(hostId, this.#parts.nowMs()) && watched.isAnswering)
      this.#apply({ kind: 'judged', hostId })
    else if (this.#hostOf(hostId)?.detail === undefined)
      this.#apply({ kind: 'unjudged', hostId, why: 'it tells no figures, and the stage waits for them' })
  }

  /** A host that does not answer is waited for; what it answers is a reason to stop. */
  #noteUnanswered(hostId: string, problem: Problem): void {
    const watched = this.#watched.find(hostId)
    if (watched === undefined) return
    watched.isAnswering = false
    if (isUncertain(problem) && !this.#silences.isOver(hostId))
      this.#apply({ kind: 'unjudged', hostId, why: `it does not answer: ${problem.message}` })
    else this.#tripFor(hostId, problem.message)
  }

  /** A service is found again when its host is connected again, within our patience. */
  #watch(host: KeptHost) {
    const { hostId } = host
    const watched = this.#watched.find(hostId)
    const link = this.#linkOf(hostId)
    if (watched !== undefined && watched.link === link) return watched
    if (host.mode !== 'service' || (link === undefined && this.#patience.isOver(hostId))) {
      this.#apply({ kind: 'lost', hostId, why: whyUnconfirmed(host) })
      return undefined
    }
    if (link === undefined) {
      this.#apply({ kind: 'unjudged', hostId, why: 'it is not connected, and the stage waits for it' })
      return undefined
    }
    this.#patience.end(hostId)
    return this.#watched.watch(hostId, link, this.#parts.nowMs())
  }

  async #ask(hostId: string): Promise<void> {
    const { run, ended } = await readPolicyStatus(this.#parts.fleet, hostId, this.#closed.signal)
    if (run === undefined)
      this.#apply({ kind: 'lost', hostId, why: `the policy has ended there${ended ? `: ${ended}` : ''}` })
    else if (!this.#isOurs(run))
      this.#apply({ kind: 'replaced', hostId, why: `${run.who} started another policy there` })
    else if (run.trouble !== undefined) this.#tripFor(hostId, `a round failed: ${run.trouble}`)
    else {
      this.#tripFor(hostId, this.#watched.judgeRun(hostId, run, this.#parts.nowMs()))
      if (run.resting !== undefined && this.#watched.isSilent(hostId, this.#parts.nowMs()))
        this.#apply({ kind: 'unjudged', hostId, why: describeRest(run.resting) })
    }
  }

  #isOurs({ policy }: Pick<PolicyRun, 'policy'>): boolean {
    return isSamePolicy(policy, this.#rollout.plan.policy)
  }

  #begin({ kind, hostId }: RolloutAct): void {
    if (kind === 'stop') {
      this.#stopHost(hostId)
      return
    }
    const ready = readinessOf(this.#parts.fleet, hostId, this.#patience)
    if (ready.state === 'ready') this.#startHost(hostId)
    if (ready.state === 'refused') this.#apply({ kind: 'refused', hostId, why: ready.why })
  }

  #startHost(hostId: string): void {
    const link = this.#linkOf(hostId)
    if (link === undefined) return
    this.#apply({ kind: 'starting', hostId })
    this.#alone(hostId, async () => {
      try {
        const run = await startOnHost(this.#startOf(hostId), (found) => {
          this.#apply(found)
          return this.#parts.saved()
        })
        this.#noteStarted(hostId, link, run)
      } catch (error) {
        const problem = asProblem(error)
        if (isUncertain(problem)) this.#doubts.set(hostId, problem.message)
        else this.#apply({ kind: 'refused', hostId, why: problem.message })
      }
      this.#wake.abort()
    })
  }

  #startOf(hostId: string): HostStart {
    const { fleet } = this.#parts
    return { fleet, hostId, policy: this.#rollout.plan.policy, context: this.#context }
  }

  #noteStarted(hostId: string, link: HelperLink, run: PolicyRun | undefined): void {
    this.#doubts.delete(hostId)
    this.#watched.watch(hostId, link, this.#parts.nowMs(), run?.id)
    this.#apply({ kind: 'started', hostId, mode: run?.mode ?? 'session' })
  }

  /** Nobody has heard what became of a start: the host is asked, as soon as it can be. */
  #lookAfterStart({ hostId }: KeptHost): void {
    if (this.#busy.has(hostId)) return
    const link = this.#linkOf(hostId)
    const why = this.#doubts.get(hostId)
    const giveUp = (reason: string) => {
      if (!this.#patience.isOver(hostId)) return
      const unknown = `whether it was started there cannot be asked: ${reason}`
      this.#apply({ kind: 'unconfirmed', hostId, why: unknown })
    }
    if (link === undefined) {
      giveUp(why ?? 'it is not connected')
      return
    }
    this.#alone(hostId, async () => {
      try {
        const run = await findStarted(this.#startOf(hostId))
        this.#patience.end(hostId)
        if (run !== undefined) this.#noteStarted(hostId, link, run)
        else
          this.#apply(why === undefined ? { kind: 'not-started', hostId } : { kind: 'refused', hostId, why })
      } catch (error) {
        giveUp(asProblem(error).message)
      }
    })
  }

  /** Another act on the host (an assessment) is waited for, and so is the connection to a service. */
  #stopHost(hostId: string): void {
    const host = this.#hostOf(hostId)
    const { link, isBusy } = stateOfHost(this.#parts.fleet, hostId)
    if (host === undefined || (link !== undefined && isBusy)) return
    if (link === undefined) {
      if (host.mode === 'service' && !this.#patience.isOver(hostId)) return
      this.#apply({ kind: 'unconfirmed', hostId, why: whyUnconfirmed(host) })
      return
    }
    this.#apply({ kind: 'stopping', hostId })
    putBack(this.#parts.fleet, host, this.#rollout.plan.policy, this.#context).then(
      (left) =>
        this.#settleHost(
          left === undefined ? { kind: 'restored', hostId } : { kind: 'replaced', hostId, why: left },
        ),
      (error: unknown) => this.#settleHost({ kind: 'unconfirmed', hostId, why: asProblem(error).message }),
    )
  }

  #hostOf(hostId: string): KeptHost | undefined {
    return this.#rollout.hosts.find((host) => host.hostId === hostId)
  }

  #settleHost(event: RolloutEvent & { readonly hostId: string }): void {
    this.#watched.forget(event.hostId)
    this.#apply(event)
    this.#wake.abort()
  }

  /** One question or start at a time for each host. `work` never rejects. */
  #alone(hostId: string, work: () => Promise<void>): void {
    this.#busy.add(hostId)
    void work().finally(() => this.#busy.delete(hostId))
  }

  #linkOf(hostId: string): HelperLink | undefined {
    return stateOfHost(this.#parts.fleet, hostId).link
  }
}

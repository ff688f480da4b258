// Carries one phase out on one host: settles it, runs the arm, cuts the warm-up off and measures.
import {
  type ExperimentArm,
  type ExperimentPlan,
  type PhaseFault,
  type PhaseFigures,
  type PolicyRound,
  type PolicyStatus,
  phaseFigures,
  type Sample,
} from '../../shared/contract/index.ts'
import { asProblem } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { sleep } from '../../shared/time/waiting.ts'
import { arrive } from '../hosts/arrival.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { readPolicyStatus, startPolicy, stopPolicy } from '../policies/host-policy.ts'
import { whyPressureTrips, whyRoundTrips } from './guards.ts'
import { HostEnd, PhaseBroken } from './phase-ends.ts'
import { measurePhase } from './phase-figures.ts'
import { findFault } from './phase-validity.ts'

export interface PhaseTimes {
  readonly sampleEveryMs: number
  /** A host that still merges or runs a policy after this long has not settled. */
  readonly settleWithinMs: number
  /** A host whose connection is lost is waited for this long. */
  readonly patienceMs: number
  /** After a phase that was not valid. */
  readonly retryAfterMs: number
}

export interface HostPhaseParts {
  readonly fleet: Fleet
  readonly hostId: string
  readonly plan: ExperimentPlan
  readonly arm: ExperimentArm
  readonly times: PhaseTimes
  readonly onStep: (step: 'warming-up' | 'measuring') => void
  /** A guard tripped. The phase is broken off by its signal. */
  readonly onTrip: (why: string) => void
}

export type PhaseOutcome =
  | { readonly kind: 'valid'; readonly figures: PhaseFigures }
  | {
      readonly kind: 'invalid'
      readonly code: PhaseFault
      readonly text: string
      readonly figures?: PhaseFigures
    }

const neverAborted = new AbortController().signal
const sampleWithinMs = 20_000

export class HostPhase {
  readonly #parts: HostPhaseParts
  readonly #otherActs = new Set<string>()
  /** Taken since the host had settled, before what is measured. */
  readonly #before: Sample[] = []
  #firstRound: PolicyRound | undefined
  #isStarted = false
  #isOwnAct = false

  constructor(parts: HostPhaseParts) {
    this.#parts = parts
  }

  /** Every policy that it started is stopped when it returns, or the connection that the policy lives by is lost. */
  async run(signal: AbortSignal): Promise<PhaseOutcome> {
    try {
      await this.#settle(signal)
      if (this.#parts.plan.cold) await this.#dropCaches(signal)
      await this.#startArm(signal)
      this.#parts.onStep('warming-up')
      await this.#wait(this.#parts.plan.warmUpSeconds * 1000, signal, this.#before)
      this.#parts.onStep('measuring')
      const samples = await this.#measure(signal)
      return this.#judge(samples, await this.#policyFault())
    } catch (error) {
      if (error instanceof HostEnd) throw error
      return this.#invalid(error, signal)
    } finally {
      await this.#stopArm()
    }
  }

  noteRound(round: PolicyRound): void {
    if (!this.#isStarted) return
    this.#firstRound ??= round
    const why = whyRoundTrips(round, this.#firstRound, this.#parts.plan)
    if (why !== undefined) this.#parts.onTrip(why)
  }

  get #session() {
    const { fleet, hostId } = this.#parts
    return fleet.find(hostId).session
  }

  /** No policy runs, and KSM is not in the middle of a burst. */
  async #settle(signal: AbortSignal): Promise<void> {
    const { fleet, hostId, times } = this.#parts
    const until = performance.now() + times.settleWithinMs
    for (;;) {
      const { run, heldBy } = await readPolicyStatus(fleet, hostId, signal)
      if (run?.mode === 'service')
        throw new HostEnd('refused', 'the service of this host runs a policy: stop it first')
      if (run !== undefined) throw new HostEnd('refused', 'somebody has started a policy on this host')
      const sample = await this.#sample(signal)
      const { ksm } = sample
      const merges = ksm?.burst?.state === 'running' || ksm?.burst?.state === 'measuring'
      const isBusy = this.#tasks().length > 0
      if (!merges && !isBusy && heldBy === undefined) {
        this.#otherActs.clear()
        this.#before.push(sample)
        return
      }
      if (performance.now() > until) {
        if (isBusy) throw new PhaseBroken('other-act', `"${this.#tasks()[0]}" still runs on the host`)
        if (merges || heldBy === undefined)
          throw new PhaseBroken('not-settled', 'KSM still merges what an earlier burst has begun')
        throw new HostEnd(
          'refused',
          `another process changes this host: ${describeHolder(heldBy)}. End it where it was started`,
        )
      }
      await sleep(times.sampleEveryMs, signal)
      signal.throwIfAborted()
    }
  }

  /** Only where it was asked for: those caches are not ours. */
  async #dropCaches(signal: AbortSignal): Promise<void> {
    const { fleet, hostId } = this.#parts
    const order = { hostId, kind: 'scrub', title: 'Drop the page cache of images' } as const
    try {
      await this.#act(() => fleet.act(order, 'page-cache/scrub', { everything: true }, contextOf(signal)))
    } catch (error) {
      if (signal.aborted || this.#session.link === undefined) throw error
      throw new PhaseBroken('not-settled', asProblem(error).message)
    }
  }

  async #startArm(signal: AbortSignal): Promise<void> {
    const { fleet, hostId, arm } = this.#parts
    const { policy } = arm
    if (policy === undefined) return
    try {
      this.#isStarted = true
      const { run } = await this.#act(() => startPolicy(fleet, hostId, { policy }, contextOf(signal)))
      if (run?.mode === 'service')
        throw new HostEnd(
          'refused',
          'the service of this host takes policies over, and would go on with one: remove it first',
        )
    } catch (error) {
      if (error instanceof HostEnd || signal.aborted || this.#session.link === undefined) throw error
      throw new PhaseBroken('policy-failed', asProblem(error).message)
    }
  }

  async #stopArm(): Promise<void> {
    if (!this.#isStarted) return
    this.#isStarted = false
    const { fleet, hostId, times } = this.#parts
    const until = performance.now() + times.patienceMs
    for (;;) {
      // Without its connection the helper has ended the policy and put everything back.
      if (!fleet.has(hostId) || this.#session.link === undefined) return
      try {
        await this.#act(() => stopPolicy(fleet, hostId, contextOf(neverAborted)))
        return
      } catch (error) {
        const { code, message } = asProblem(error)
        if (this.#session.link === undefined) return
        if (code !== 'busy' || performance.now() > until) throw new HostEnd('unconfirmed', message)
        await sleep(times.sampleEveryMs, neverAborted)
      }
    }
  }

  async #act<T>(work: () => Promise<T>): Promise<T> {
    this.#isOwnAct = true
    try {
      return await work()
    } finally {
      this.#isOwnAct = false
    }
  }

  /**
   * Looks at the host every few seconds: other acts, pressure. The last look asks all monitors of guests; which that is depends on
   * how long the host takes to answer.
   */
  async #wait(milliseconds: number, signal: AbortSignal, samples: Sample[]): Promise<void> {
    const { sampleEveryMs } = this.#parts.times
    const until = performance.now() + milliseconds
    for (;;) {
      const left = until - performance.now()
      if (left <= 0) return
      await sleep(Math.min(left, sampleEveryMs), signal)
      signal.throwIfAborted()
      const sample = await this.#sample(signal, until - performance.now() < sampleEveryMs)
      await this.#noteHolder(signal)
      samples.push(sample)
      // The arm may have raised it before the first look.
      const why = whyPressureTrips(sample, this.#before[0] ?? sample, this.#parts.plan)
      if (why !== undefined) this.#parts.onTrip(why)
    }
  }

  async #measure(signal: AbortSignal): Promise<Sample[]> {
    const samples = [await this.#sample(signal, true)]
    await this.#noteHolder(signal)
    await this.#wait(this.#parts.plan.phaseSeconds * 1000, signal, samples)
    return samples
  }

  async #sample(signal: AbortSignal, askMonitors = false): Promise<Sample> {
    this.#noteOtherActs()
    const options = { signal, timeoutMs: sampleWithinMs }
    return arrive(await this.#session.call('sample', { askMonitors }, options))
  }

  #noteOtherActs(): void {
    if (this.#isOwnAct) return
    for (const title of this.#tasks()) this.#otherActs.add(title)
  }

  /** Titles of what this workbench does on the host. */
  #tasks(): string[] {
    const { fleet, hostId } = this.#parts
    const { tasks } = fleet.find(hostId).view()
    return tasks.flatMap(({ kind, title }) => (kind === 'connect' ? [] : [title]))
  }

  /**
   * Another workbench, or a person on the host, that changes it while this arm leaves it alone. Under a policy nobody else
   * can: its helper has the lock.
   */
  async #noteHolder(signal: AbortSignal): Promise<void> {
    const { fleet, hostId, arm } = this.#parts
    if (arm.policy !== undefined) return
    const { heldBy } = await readPolicyStatus(fleet, hostId, signal)
    if (heldBy !== undefined) this.#otherActs.add(describeHolder(heldBy))
  }

  async #policyFault(): Promise<string | undefined> {
    const { fleet, hostId, arm } = this.#parts
    const { run, ended } = await readPolicyStatus(fleet, hostId, neverAborted)
    if (arm.policy === undefined)
      return run === undefined ? undefined : 'a policy was started on the host during this phase'
    if (run === undefined) return `the policy has ended by itself${ended ? `: ${ended}` : ''}`
    if (run.resting !== undefined) return 'the policy rests outside the windows of its schedule'
    return run.trouble === undefined ? undefined : `a round of the policy failed: ${run.trouble}`
  }

  #judge(samples: readonly Sample[], policyFault: string | undefined): PhaseOutcome {
    const { data: figures } = phaseFigures.safeParse(measurePhase(samples))
    if (figures === undefined)
      return { kind: 'invalid', code: 'not-reported', text: 'this host reports figures that cannot be right' }
    const { plan } = this.#parts
    const found = findFault({
      plan,
      before: this.#before,
      samples,
      figures,
      otherActs: [...this.#otherActs],
      ...(policyFault !== undefined && { policyFault }),
    })
    return found === undefined ? { kind: 'valid', figures } : { kind: 'invalid', ...found, figures }
  }

  #invalid(error: unknown, signal: AbortSignal): PhaseOutcome {
    const { fleet, hostId } = this.#parts
    if (error instanceof PhaseBroken) return { kind: 'invalid', code: error.fault, text: error.message }
    if (signal.aborted) return { kind: 'invalid', code: 'stopped', text: asProblem(signal.reason).message }
    const { message } = asProblem(error)
    if (!fleet.has(hostId)) throw new HostEnd('refused', 'the host was removed from the workbench')
    if (fleet.find(hostId).session.host.mode !== 'change')
      throw new HostEnd('refused', 'changes are not allowed on this host any more')
    return { kind: 'invalid', code: 'connection-lost', text: message }
  }
}

function describeHolder({ action, pid, who }: NonNullable<PolicyStatus['heldBy']>): string {
  return `${action} (process ${pid} of ${who})`
}

function contextOf(signal: AbortSignal): CallContext {
  return { signal, reportProgress: () => undefined }
}

// All phases of one host, one after the other, until every pair is complete or somebody ends it.
import {
  type ExperimentHost,
  type ExperimentPhase,
  type ExperimentPlan,
  maxPairTries,
  type PolicyRound,
} from '../../shared/contract/index.ts'
import { asProblem } from '../../shared/problem.ts'
import { describePhase } from '../../shared/text/experiment-text.ts'
import { sleep, unlessAborted } from '../../shared/time/waiting.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import { withValue } from '../../shared/with-value.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { readPolicyStatus } from '../policies/host-policy.ts'
import { changePhase, isUnheard, voidPhase } from './experiment-record.ts'
import { whySlowdownTrips } from './guards.ts'
import { HostPhase, type PhaseOutcome, type PhaseTimes } from './host-phase.ts'
import { voidLoadedPhases } from './other-load.ts'
import { findPairFault } from './pair-validity.ts'
import { HostEnd } from './phase-ends.ts'
import { type NextPhase, nextPhase } from './schedule.ts'

export interface HostRunParts {
  readonly fleet: Fleet
  readonly plan: ExperimentPlan
  readonly times: PhaseTimes
  /** Ends this host's phases, and so all else that runs. */
  readonly signal: AbortSignal
  /** Resolves at once, or when the experiment goes on. */
  readonly whilePaused: () => Promise<void>
  readonly onChange: (host: ExperimentHost, lasting: boolean) => void
  readonly onTrip: (why: string) => void
  /** For the time axis of the host's charts. */
  readonly mark: (hostId: string, text: string) => void
}

const whileAway =
  'it is not connected; its helper puts everything back when it notices that its session has ended'
const unstopped = { signal: new AbortController().signal, reportProgress: () => undefined }

export class HostRun {
  readonly #parts: HostRunParts
  #host: ExperimentHost
  #phase: HostPhase | undefined

  constructor(host: ExperimentHost, parts: HostRunParts) {
    this.#host = host
    this.#parts = parts
  }

  noteRound(round: PolicyRound): void {
    this.#phase?.noteRound(round)
  }

  /** Never rejects: what became of the host stands in its record. */
  async run(): Promise<void> {
    try {
      this.#enter({ state: 'running' })
      const end = await this.#goThrough()
      this.#enter({ state: end })
    } catch (error) {
      const state = error instanceof HostEnd ? error.state : 'unconfirmed'
      this.#enter({ state, detail: messageOf(error).slice(0, 2048) })
    }
  }

  async #goThrough(): Promise<'done' | 'restored'> {
    const { signal, whilePaused, times } = this.#parts
    for (;;) {
      await whilePaused()
      if (signal.aborted) {
        await this.#assertConfirmed()
        return 'restored'
      }
      const next = nextPhase(this.#host)
      if (next === undefined) {
        await this.#assertConfirmed()
        return 'done'
      }
      // A pause may have been asked for in the meantime.
      if (await this.#connect(signal)) continue
      await this.#runPhase(next)
      this.#assertHopeful()
      // Whatever broke it may still be there.
      if (this.#host.phases.at(-1)?.state === 'invalid') await sleep(times.retryAfterMs, signal)
    }
  }

  /** Where a policy's end was not heard, and nothing was measured since on a settled host, only the host itself can say. */
  async #assertConfirmed(): Promise<void> {
    const { fleet, plan } = this.#parts
    const { hostId, phases } = this.#host
    const last = phases.findLast((phase) => isUnheard(phase, plan) || phase.measuredFrom !== undefined)
    if (last === undefined || !isUnheard(last, plan)) return
    const isAway = !fleet.has(hostId) || fleet.find(hostId).session.link === undefined
    const status = isAway
      ? undefined
      : await readPolicyStatus(fleet, hostId, unstopped.signal).catch(() => undefined)
    if (status !== undefined && status.run === undefined && status.heldBy === undefined) return
    throw new HostEnd('unconfirmed', isAway ? whileAway : 'what ran its policy may not have ended there yet')
  }

  /** What no try of a pair could do under an arm no later one will: hours of more of them tell nothing. */
  #assertHopeful(): void {
    const { phases } = this.#host
    const ofArm = phases.filter(({ arm }) => arm === phases.at(-1)?.arm)
    const [fault, ...others] = ofArm.slice(-maxPairTries).map((phase) => phase.fault)
    if (fault === undefined || others.length < maxPairTries - 1) return
    if (ofArm.some(({ state }) => state === 'valid') || others.some((other) => other?.code !== fault.code))
      return
    if (fault.code === 'policy-failed') throw new HostEnd('refused', fault.text)
    if (fault.code === 'not-reported')
      throw new HostEnd('refused', `${fault.text}. Ask by another metric, or leave this host out`)
  }

  /**
   * A workbench connects again by itself; a single command does not. Whoever stops this does not disconnect the host.
   * Returns whether it took its time.
   */
  async #connect(signal: AbortSignal): Promise<boolean> {
    const { fleet, times } = this.#parts
    const { hostId, name } = this.#host
    const until = performance.now() + times.patienceMs
    let problem = 'it is not connected'
    let hasWaited = false
    while (!signal.aborted) {
      if (!fleet.has(hostId)) throw new HostEnd('refused', `${name} was removed from the workbench`)
      const { session } = fleet.find(hostId)
      if (session.host.mode !== 'change') throw new HostEnd('refused', `${name} is in observe mode`)
      if (session.link !== undefined) return hasWaited
      hasWaited = true
      if (performance.now() > until)
        throw new HostEnd('unconfirmed', `${name} cannot be connected: ${problem}`)
      await unlessAborted(fleet.connect(hostId, unstopped), signal).catch(
        (error: unknown) => (problem = asProblem(error).message),
      )
      if (fleet.has(hostId) && fleet.find(hostId).session.link === undefined) await sleep(1000, signal)
    }
    return hasWaited
  }

  async #runPhase({ pair, attempt, arm }: NextPhase): Promise<void> {
    const { plan, signal, fleet, times, onTrip } = this.#parts
    const begun: ExperimentPhase = { pair, attempt, arm, state: 'settling', startedAt: wallClock() }
    this.#change((host) => ({ ...host, phases: [...host.phases, begun] }), true)
    this.#mark(begun)
    this.#phase = new HostPhase({
      fleet,
      hostId: this.#host.hostId,
      plan,
      arm: plan.arms[arm],
      times,
      onTrip: (why) => onTrip(`${this.#host.name}: ${why}`),
      onStep: (state) =>
        this.#changePhase((phase) => ({
          ...phase,
          state,
          ...(state === 'measuring' && { measuredFrom: wallClock() }),
        })),
    })
    let outcome: PhaseOutcome
    try {
      outcome = await this.#phase.run(signal)
    } catch (error) {
      this.#endPhase({ kind: 'invalid', code: 'policy-failed', text: messageOf(error) })
      throw error
    } finally {
      this.#phase = undefined
    }
    this.#endPhase(this.#besideItsPair(outcome))
  }

  /** The outcome as it stands beside the phase that the pair began with. */
  #besideItsPair(outcome: PhaseOutcome): PhaseOutcome {
    const [first, last] = this.#host.phases.slice(-2)
    if (outcome.kind !== 'valid' || first?.state !== 'valid' || first.figures === undefined) return outcome
    if (first.pair !== last?.pair || first.attempt !== last.attempt) return outcome
    const fault = findPairFault(first.figures, outcome.figures, this.#parts.plan)
    return fault === undefined ? outcome : { kind: 'invalid', ...fault, figures: outcome.figures }
  }

  #endPhase(outcome: PhaseOutcome): void {
    const endedAt = wallClock()
    const end = (phase: ExperimentPhase): ExperimentPhase => {
      const measured = { ...phase, ...withValue({ figures: outcome.figures }) }
      return outcome.kind === 'valid'
        ? { ...measured, state: 'valid', endedAt }
        : voidPhase(measured, { ...outcome, endedAt })
    }
    const before = this.#host.phases
    this.#change((host) => voidLoadedPhases(changePhase(host, end)), true)
    for (const [index, phase] of this.#host.phases.entries()) if (phase !== before[index]) this.#mark(phase)
    const last = this.#host.phases.at(-1)
    // What other programs have slowed down is no fault of the arm.
    const why = last?.state === 'valid' ? whySlowdownTrips(last, this.#host, this.#parts.plan) : undefined
    if (why !== undefined) this.#parts.onTrip(`${this.#host.name}: ${why}`)
  }

  #mark(phase: ExperimentPhase): void {
    const { plan, mark } = this.#parts
    mark(this.#host.hostId, `experiment, ${describePhase(phase, plan.arms)}`.slice(0, 512))
  }

  #changePhase(change: (phase: ExperimentPhase) => ExperimentPhase): void {
    this.#change((host) => changePhase(host, change), false)
  }

  #enter(to: Pick<ExperimentHost, 'state' | 'detail'>): void {
    this.#change(({ detail: _, ...host }) => ({ ...host, ...to }), true)
  }

  #change(change: (host: ExperimentHost) => ExperimentHost, lasting: boolean): void {
    this.#host = change(this.#host)
    this.#parts.onChange(this.#host, lasting)
  }
}

function messageOf(error: unknown): string {
  return error instanceof HostEnd ? error.message : asProblem(error).message
}

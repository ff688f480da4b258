// Governs KSM by what it brings: bursts when the potential pays, stops when it is realised. Pure.

import type { KsmPolicy } from '../../../src/shared/contract/policies.ts'
import { burstPages, followBudget, initialBudget, type KsmBudget, pagesForRatio } from './ksm-budget.ts'
import {
  type BurstCounters,
  type BurstProgress,
  type BurstRule,
  beginBurst,
  followBurst,
} from './ksm-burst.ts'
import { followGuests, type GuestRecords } from './ksm-guests.ts'
import type { KsmAction, KsmObservation } from './ksm-observation.ts'

export interface Burst {
  readonly progress: BurstProgress
  readonly aimBytes: number
  readonly why: string
}

export interface KsmState {
  readonly budget: KsmBudget
  readonly guests: GuestRecords
  readonly burst: Burst | undefined
  /** Potential that the last burst could not realise (volatile pages, huge pages): does not start another one. */
  readonly residueBytes: number
  readonly lastMeasureSeconds: number | undefined
  /** Measured anew after a burst that ended then. */
  readonly judgeAfterSeconds: number | undefined
}

export interface KsmPlan {
  readonly actions: readonly KsmAction[]
  readonly state: KsmState
  readonly explanation: readonly string[]
}

export const initialKsmState: KsmState = {
  budget: initialBudget,
  guests: new Map(),
  burst: undefined,
  residueBytes: 0,
  lastMeasureSeconds: undefined,
  judgeAfterSeconds: undefined,
}

/** Plans one step. The same policy, state and observation always give the same plan. */
export function planKsm(policy: KsmPolicy, state: KsmState, seen: KsmObservation): KsmPlan {
  const elapsed = state.budget.atSeconds === undefined ? undefined : seen.atSeconds - state.budget.atSeconds
  const budget = followBudget(policy, state.budget, seen)
  if (policy.mode === 'observe') return idle({ ...state, budget }, ['KSM: observed only'])
  if (seen.otherGovernors.length > 0 && !policy.takeOver)
    return idle({ ...state, budget }, [
      `KSM: left to ${seen.otherGovernors.join(', ')}, which governs it already`,
    ])
  const followed = followGuests(policy, state.guests, seen, elapsed)
  const judged = judgeResidue({ ...state, budget, guests: followed.records }, seen)
  const decided =
    judged.burst === undefined ? decideStart(policy, judged, seen, followed.booted.length) : judged
  const paced = decided.burst === undefined ? rest(policy, decided, seen) : goOn(policy, decided, seen)
  const measured = decideMeasure(policy, paced.state, seen, followed.booted.length)
  const takeOver: KsmAction[] =
    seen.otherGovernors.length > 0 ? [{ kind: 'take-over', governors: seen.otherGovernors }] : []
  return {
    actions: [...takeOver, ...followed.actions, ...paced.actions, ...measured.actions],
    state: measured.state,
    explanation: [...followed.explanation, ...paced.explanation],
  }
}

function idle(state: KsmState, explanation: readonly string[]): KsmPlan {
  return { actions: [], state, explanation }
}

/** After a burst, what a fresh measurement still finds is what KSM cannot reach. */
function judgeResidue(state: KsmState, seen: KsmObservation): KsmState {
  const after = state.judgeAfterSeconds
  if (after === undefined || seen.potential === undefined || seen.potential.measuredAtSeconds < after)
    return state
  return { ...state, residueBytes: seen.potential.bytes, judgeAfterSeconds: undefined }
}

/** Memory is short: by pressure, or by what is available without the image cache. */
export function isMemoryShort(policy: KsmPolicy, memory: KsmObservation['memory']): boolean {
  if (memory.pressureRatio !== undefined && memory.pressureRatio >= policy.pressureRatio) return true
  return memory.availableBytes - memory.imageCacheBytes < policy.lowMemoryRatio * memory.totalBytes
}

/** Potential from which a burst pays. */
export function startThresholdBytes(policy: KsmPolicy, seen: KsmObservation): number {
  const resident = seen.guests.reduce((sum, guest) => sum + guest.residentBytes, 0)
  const usual = Math.max(policy.startPotentialBytes, policy.startPotentialRatio * resident)
  return isMemoryShort(policy, seen.memory) ? usual * policy.pressureThresholdRatio : usual
}

function decideStart(policy: KsmPolicy, state: KsmState, seen: KsmObservation, booted: number): KsmState {
  // What was measured before the last burst ended has been harvested since.
  const stale = state.judgeAfterSeconds !== undefined
  const reachable = stale ? 0 : (seen.potential?.bytes ?? 0) - state.residueBytes
  const threshold = startThresholdBytes(policy, seen)
  if (reachable >= threshold)
    return start(
      state,
      seen,
      reachable,
      `potential of ${mebibytes(reachable)} passed ${mebibytes(threshold)}`,
    )
  // One guest alone has nobody to share with but itself: wait for the measurement.
  if (booted > 0 && policy.bootBurst && seen.guests.length > 1)
    // What it will bring was not measured: no aim.
    return start(state, seen, 0, booted === 1 ? 'a guest has booted' : `${booted} guests have booted`)
  return state
}

function start(state: KsmState, seen: KsmObservation, aimBytes: number, why: string): KsmState {
  const progress = beginBurst(seen.counters, mergedPages(seen.counters))
  return { ...state, burst: { progress, aimBytes, why } }
}

/** What `followBurst` needs to know of a burst of this policy. */
export function ruleOfBurst(policy: KsmPolicy, burst: Burst, pageBytes: number): BurstRule {
  return {
    stopAfterPasses: policy.stopAfterPasses,
    plateauRatio: policy.plateauRatio,
    aimPages: Math.max(0, burst.aimBytes) / pageBytes,
  }
}

export function burstCounters(counters: KsmObservation['counters']): BurstCounters {
  return {
    fullScans: counters.fullScans,
    mergedPages: mergedPages(counters),
    volatilePages: counters.pagesVolatile,
  }
}

function mergedPages(counters: KsmObservation['counters']): number {
  return counters.pagesSharing + (counters.ksmZeroPages ?? 0)
}

/** Scans on at the budget's pace, or ends the burst. */
function goOn(policy: KsmPolicy, state: KsmState, seen: KsmObservation): KsmPlan {
  if (state.burst === undefined) return idle(state, [])
  const counters = burstCounters(seen.counters)
  const followed = followBurst(
    state.burst.progress,
    counters,
    ruleOfBurst(policy, state.burst, seen.pageBytes),
  )
  const burst = { ...state.burst, progress: followed.progress }
  if (followed.end !== undefined) {
    const ended: KsmState = { ...state, burst: undefined, judgeAfterSeconds: seen.atSeconds }
    const plan = rest(policy, ended, { ...seen, run: 1 })
    const gained = counters.mergedPages - burst.progress.mergedAtStart
    const text = `KSM: realised after ${followed.passes} whole passes (${burst.why}): ${gained} pages merged, ${followed.end}`
    return { ...plan, explanation: [text] }
  }
  const pagesToScan = burstPages(policy, state.budget)
  const until = 'until all is compared or a pass brings nothing'
  return {
    actions: [{ kind: 'scan', pagesToScan, sleepMillisecs: policy.sleepMillisecs }],
    state: { ...state, burst },
    explanation: [
      `KSM: burst, ${burst.why}: ${pagesToScan} pages every ${policy.sleepMillisecs} ms, ${until}`,
    ],
  }
}

function rest(policy: KsmPolicy, state: KsmState, seen: KsmObservation): KsmPlan {
  if (policy.afterBurst === 'trickle') {
    const pagesToScan = pagesForRatio(policy, state.budget, policy.trickleCpuRatio)
    return {
      actions: [{ kind: 'scan', pagesToScan, sleepMillisecs: policy.sleepMillisecs }],
      state,
      explanation: [`KSM: trickles at ${pagesToScan} pages every ${policy.sleepMillisecs} ms`],
    }
  }
  if (seen.run !== 1) return idle(state, ['KSM: at rest'])
  return { actions: [{ kind: 'stop' }], state, explanation: ['KSM: nothing worth a burst, stops scanning'] }
}

/** A fresh potential: at the start, after a boot, after a burst, and every so often; never during a burst. */
function decideMeasure(policy: KsmPolicy, state: KsmState, seen: KsmObservation, booted: number): KsmPlan {
  const last = state.lastMeasureSeconds
  const due = last === undefined || seen.atSeconds - last >= policy.measureSeconds
  const judging = state.judgeAfterSeconds !== undefined && (last ?? 0) < state.judgeAfterSeconds
  const afterBoot = booted > 0 && state.burst === undefined
  if (state.burst !== undefined || !(due || judging || afterBoot)) return idle(state, [])
  return {
    actions: [{ kind: 'measure' }],
    state: { ...state, lastMeasureSeconds: seen.atSeconds },
    explanation: [],
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

// Governs KSM by what it brings: bursts when the measured potential pays, stops when it is freed. Pure.
import type { KsmPolicy } from '../../../src/shared/contract/policies.ts'
import { burstRateFor, followBudget, initialBudget, type KsmBudget, pagesForRatio } from './ksm-budget.ts'
import {
  type BurstAim,
  type BurstCounters,
  type BurstEnd,
  type BurstProgress,
  type BurstRule,
  beginBurst,
  type FollowedBurst,
  followBurst,
  judgeByMeasurement,
  mayBringMore,
} from './ksm-burst.ts'
import { followGuests, type GuestRecords } from './ksm-guests.ts'
import type { KsmAction, KsmObservation } from './ksm-observation.ts'
import { describeAiming, describeBudget, describeEnded, describeJudged, mebibytes } from './ksm-words.ts'

export interface Burst {
  readonly progress: BurstProgress
  readonly why: string
  /** Those whose resident pages tell what splits have freed. */
  readonly guestPids: readonly number[]
}

/** A burst that has ended and waits for the measurement that has the last word. */
export interface EndedBurst {
  readonly end: BurstEnd
  readonly progress: BurstProgress
  readonly freedPages: number
  readonly atSeconds: number
}

export interface KsmState {
  readonly budget: KsmBudget
  readonly guests: GuestRecords
  readonly burst: Burst | undefined
  readonly ended: EndedBurst | undefined
  /** Potential that the last burst could not realise: does not start another one, until it is tried again. */
  readonly residueBytes: number
  readonly residueUntilSeconds: number
  /** Bursts in a row that left something. */
  readonly residues: number
  readonly lastMeasureSeconds: number | undefined
  /** A guest has booted, or was reset, then. */
  readonly bootSeconds: number | undefined
  readonly bootWhy: string | undefined
  /** Memory that turns over is no reason to measure before this, the longer the more often no burst came of it. */
  readonly nextTurnSeconds: number
  readonly turns: number
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
  ended: undefined,
  residueBytes: 0,
  residueUntilSeconds: 0,
  residues: 0,
  lastMeasureSeconds: undefined,
  bootSeconds: undefined,
  bootWhy: undefined,
  nextTurnSeconds: Number.NEGATIVE_INFINITY,
  turns: 0,
}

/** A guest fills its memory for a while after its boot: measured then, so many seconds after it. */
const bootChecks = [0, 15, 45, 90] as const
/** As long is the threshold lower. */
const bootSeconds = 120
/** A guest that changes all the time is measured this often at first, and half as often each time without a burst. */
const turnSeconds = 120
/** While guests are at work a huge page is worth so much more than while they idle. */
const busyHugePageFactor = 5
/** What a burst has left is tried again after this time, doubled each time. */
const residueSeconds = 1800

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
  const booted = noteBoots({ ...state, budget, guests: followed.records }, seen, followed.booted.length)
  const judged = judgeEnded(policy, booted, seen)
  const decided = judged.state.burst === undefined ? decideStart(policy, judged.state, seen) : judged.state
  const paced = decided.burst === undefined ? rest(policy, decided, seen) : goOn(policy, decided, seen)
  const measured = decideMeasure(policy, paced.state, seen)
  const takeOver: KsmAction[] =
    seen.otherGovernors.length > 0 ? [{ kind: 'take-over', governors: seen.otherGovernors }] : []
  return {
    actions: [...takeOver, ...followed.actions, ...judged.actions, ...paced.actions, ...measured.actions],
    state: measured.state,
    explanation: [
      ...followed.explanation,
      ...explainBoot(booted, seen),
      ...judged.explanation,
      ...paced.explanation,
      ...describeBudget(budget, paced.state.burst !== undefined),
    ],
  }
}

function idle(state: KsmState, explanation: readonly string[]): KsmPlan {
  return { actions: [], state, explanation }
}

/** Said once, in the look that sees it. */
function explainBoot({ bootSeconds: at, bootWhy }: KsmState, seen: KsmObservation): string[] {
  return at === seen.atSeconds && bootWhy !== undefined ? [`KSM: ${bootWhy}; measures again`] : []
}

function noteBoots(state: KsmState, seen: KsmObservation, booted: number): KsmState {
  if (booted > 0) {
    const bootWhy = booted === 1 ? 'a guest has booted' : `${booted} guests have booted`
    return { ...state, bootSeconds: seen.atSeconds, bootWhy }
  }
  const isBusyWithBoot = state.bootSeconds !== undefined && seen.atSeconds - state.bootSeconds < bootSeconds
  const turned = seen.guests.find(({ turnedOver }) => turnedOver)
  if (turned === undefined || isBusyWithBoot || seen.atSeconds < state.nextTurnSeconds) return state
  return {
    ...state,
    bootSeconds: seen.atSeconds,
    bootWhy: `${turned.name} was reset or does something new: much of its memory has changed`,
    nextTurnSeconds: seen.atSeconds + turnSeconds * 2 ** state.turns,
    turns: Math.min(5, state.turns + 1),
  }
}

/** After a burst, what a fresh measurement still finds tells whether it was realised; the rest is left for a while. */
function judgeEnded(policy: KsmPolicy, state: KsmState, seen: KsmObservation): KsmPlan {
  const { ended } = state
  if (
    ended === undefined ||
    seen.potential === undefined ||
    seen.potential.measuredAtSeconds < ended.atSeconds
  )
    return idle(state, [])
  const leftBytes = seen.potential.bytes
  const { aim } = ended.progress
  const end = judgeByMeasurement(ended.end, aim, leftBytes / seen.pageBytes)
  const isMuch = leftBytes >= startThresholdBytes(policy, state.budget, seen)
  const left = { foundPages: aim.potentialPages ?? 0, leftPages: leftBytes / seen.pageBytes }
  const isAgain = isMuch && end.outcome !== 'realised' && mayBringMore(ended.end, ended.progress, left)
  const residues = end.outcome === 'realised' ? 0 : state.residues + 1
  const retrySeconds = isAgain || residues === 0 ? 0 : residueSeconds * 2 ** Math.min(10, residues - 1)
  const residueUntilSeconds = seen.atSeconds + retrySeconds
  const text = describeJudged(end, leftBytes, isAgain, isMuch ? retrySeconds : 0)
  const givesBack =
    policy.giveBackHugePages && policy.afterBurst === 'stop' && !isMemoryShort(policy, seen.memory)
  return {
    actions: givesBack && !isAgain ? [{ kind: 'give-back', seconds: policy.giveBackSeconds }] : [],
    state: {
      ...state,
      ended: undefined,
      residueBytes: isAgain ? 0 : leftBytes,
      residueUntilSeconds,
      residues,
    },
    explanation: [text],
  }
}

/**
 * Whether memory is short: by pressure, or by what is available without the image cache. Pressure that the kernel
 * does not report counts as none. Pure.
 */
function isMemoryShort(policy: KsmPolicy, memory: KsmObservation['memory']): boolean {
  if (memory.pressureRatio !== undefined && memory.pressureRatio >= policy.pressureRatio) return true
  return memory.availableBytes - memory.imageCacheBytes < policy.lowMemoryRatio * memory.totalBytes
}

/**
 * Potential in bytes from which a burst pays. Huge pages are the price: where many would be split, it must bring
 * more, most of all while guests are at work in them.
 */
function startThresholdBytes(policy: KsmPolicy, { isBusy }: KsmBudget, seen: KsmObservation): number {
  const resident = seen.guests.reduce((sum, guest) => sum + guest.residentBytes, 0)
  const small = Math.max(policy.startPotentialBytes, policy.startPotentialRatio * resident)
  if (isMemoryShort(policy, seen.memory)) return small * policy.pressureThresholdRatio
  const hugePageRatio = policy.hugePageRatio * (isBusy ? busyHugePageFactor : 1)
  return Math.max(small, hugePageRatio * (seen.memory.hugePageBytes ?? 0))
}

function decideStart(policy: KsmPolicy, state: KsmState, seen: KsmObservation): KsmState {
  // What was measured before the last burst ended has been harvested since.
  if (state.ended !== undefined || seen.potential === undefined) return state
  const residue = seen.atSeconds < state.residueUntilSeconds ? state.residueBytes : 0
  const reachable = seen.potential.bytes - residue
  const isAfterBoot = isBooting(policy, state, seen)
  const usual = startThresholdBytes(policy, state.budget, seen)
  const threshold = isAfterBoot ? usual * policy.pressureThresholdRatio : usual
  if (reachable < threshold) return state
  const passed = `potential of ${mebibytes(reachable)} passed ${mebibytes(threshold)}`
  const why = isAfterBoot && state.bootWhy !== undefined ? `${state.bootWhy}, ${passed}` : passed
  const aim: BurstAim = {
    potentialPages: Math.round(reachable / seen.pageBytes),
    savedPages: seen.potential.savedPages,
  }
  const guestPids = seen.guests.map(({ pid }) => pid)
  return {
    ...state,
    turns: 0,
    burst: { progress: beginBurst(countersOf(seen, guestPids), aim), why, guestPids },
  }
}

/** A boot counts only where another guest runs that could share pages. */
function isBooting(policy: KsmPolicy, state: KsmState, seen: KsmObservation): boolean {
  if (!policy.bootBurst || state.bootSeconds === undefined || seen.guests.length < 2) return false
  return seen.atSeconds - state.bootSeconds <= bootSeconds
}

/** What `followBurst` needs to know of this policy. */
export function ruleOfBurst(policy: KsmPolicy): BurstRule {
  const { stopAfterPasses, plateauRatio, maxPasses, maxCpuSeconds } = policy
  return { stopAfterPasses, plateauRatio, maxPasses, maxCpuSeconds }
}

function countersOf(seen: KsmObservation, guestPids: readonly number[]): BurstCounters {
  const pids = new Set(guestPids)
  const guests = seen.guests.filter(({ pid }) => pids.has(pid))
  const pages = guests.map(({ pid, residentBytes }) => [pid, Math.round(residentBytes / seen.pageBytes)])
  return { ...seen.counters, guestPages: Object.fromEntries(pages) }
}

/** Scans on at the budget's pace, or ends the burst. */
function goOn(policy: KsmPolicy, state: KsmState, seen: KsmObservation): KsmPlan {
  const { burst } = state
  if (burst === undefined) return idle(state, [])
  const followed = followBurst(burst.progress, countersOf(seen, burst.guestPids), ruleOfBurst(policy))
  if (followed.end !== undefined) return endBurst(policy, state, burst, followed, followed.end, seen)
  const { pagesToScan, sleepMillisecs } = burstRateFor(policy, state.budget)
  return {
    actions: [{ kind: 'scan', pagesToScan, sleepMillisecs }],
    state: { ...state, burst: { ...burst, progress: followed.progress } },
    explanation: [
      `KSM: burst, ${burst.why}: ${pagesToScan} pages every ${sleepMillisecs} ms, ${describeAiming(followed, seen.pageBytes)}`,
    ],
  }
}

function endBurst(
  policy: KsmPolicy,
  state: KsmState,
  burst: Burst,
  followed: FollowedBurst,
  end: BurstEnd,
  seen: KsmObservation,
): KsmPlan {
  const { progress, freedPages } = followed
  const ended: EndedBurst = { end, progress, freedPages, atSeconds: seen.atSeconds }
  const plan = rest(policy, { ...state, burst: undefined, ended }, { ...seen, run: 1 })
  return { ...plan, explanation: describeEnded(end, followed, burst.why, seen.pageBytes) }
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
function decideMeasure(policy: KsmPolicy, state: KsmState, seen: KsmObservation): KsmPlan {
  if (state.burst !== undefined) return idle(state, [])
  const last = state.lastMeasureSeconds ?? Number.NEGATIVE_INFINITY
  const due = seen.atSeconds - last >= policy.measureSeconds
  const judging = state.ended !== undefined && last < state.ended.atSeconds
  const { bootSeconds: boot } = state
  const afterBoot =
    policy.bootBurst &&
    boot !== undefined &&
    bootChecks.some((after) => seen.atSeconds >= boot + after && last < boot + after)
  if (!(due || judging || afterBoot)) return idle(state, [])
  return {
    actions: [{ kind: 'measure' }],
    state: { ...state, lastMeasureSeconds: seen.atSeconds },
    explanation: [],
  }
}

// Governs KSM by what it brings: bursts when the measured potential pays, stops when it is freed. Pure.
import type { KsmPolicy } from '../../../src/shared/contract/policies.ts'
import { followBooting } from './boot-burst.ts'
import { burstRateFor, followBudget, pagesForRatio } from './ksm-budget.ts'
import {
  type BurstAim,
  type BurstCounters,
  type BurstEnd,
  type BurstRule,
  beginBurst,
  type FollowedBurst,
  followBurst,
  judgeByMeasurement,
  mayBringMore,
} from './ksm-burst.ts'
import { followGuests } from './ksm-guests.ts'
import { isMemoryShort, startThresholdBytes } from './ksm-memory.ts'
import type { KsmAction, KsmObservation } from './ksm-observation.ts'
import type { Burst, EndedBurst, KsmPlan, KsmState } from './ksm-state.ts'
import {
  describeAiming,
  describeBudget,
  describeEnded,
  describeJudged,
  describeLeft,
  describeRate,
  mebibytes,
} from './ksm-words.ts'

/** A guest fills its memory for a while after its boot: measured then, so many seconds after it. */
const bootChecks = [0, 15, 45, 90] as const
/** As long is the threshold lower. */
const bootSeconds = 120
/** A guest that changes all the time is measured this often at first, and half as often each time without a burst. */
const turnSeconds = 120
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
  const rushed = followBooting(policy, judged.state, seen)
  const decided = rushed.burst === undefined ? decideStart(policy, rushed, seen) : rushed
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
      ...describeBudget(budget, paced.state.burst),
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
  // It had no aim, so that what is left is found for the first time.
  if (aim.potentialPages === undefined)
    return idle({ ...state, ended: undefined, residueBytes: 0 }, [describeLeft(ended.end, leftBytes)])
  const end = judgeByMeasurement(ended.end, aim, leftBytes / seen.pageBytes)
  const isMuch = leftBytes >= startThresholdBytes(policy, state.budget, seen)
  const left = { foundPages: aim.potentialPages, leftPages: leftBytes / seen.pageBytes }
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
    burst: {
      progress: beginBurst(countersOf(seen, guestPids), aim),
      why,
      guestPids,
      booting: [],
      isUrgent: false,
    },
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

/** Scans on at the budget's pace, or ends the burst: not before guests that boot have settled. */
function goOn(policy: KsmPolicy, state: KsmState, seen: KsmObservation): KsmPlan {
  const { burst } = state
  if (burst === undefined) return idle(state, [])
  if (burst.booting.length > 0) return scanOn(policy, state, burst, seen)
  const followed = followBurst(burst.progress, countersOf(seen, burst.guestPids), ruleOfBurst(policy))
  if (followed.end !== undefined) return endBurst(policy, state, burst, followed, followed.end, seen)
  return scanOn(policy, state, { ...burst, progress: followed.progress }, seen)
}

function scanOn(policy: KsmPolicy, state: KsmState, burst: Burst, seen: KsmObservation): KsmPlan {
  const { pagesToScan, sleepMillisecs } = burstRateFor(policy, state.budget, burst.isUrgent)
  const newFirst = burst.booting.length > 0
  const rate = describeRate(pagesToScan, sleepMillisecs)
  return {
    actions: [{ kind: 'scan', pagesToScan, sleepMillisecs, ...(newFirst && { newFirst }) }],
    state: { ...state, burst },
    explanation: [`KSM: burst, ${burst.why}: ${rate}, ${describeAiming(burst, seen.pageBytes)}`],
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

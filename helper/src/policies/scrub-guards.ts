// Guards of every scrub mode: floors, rate, shared bases, foreign writers, regret and latency bounds with back-off.
import type { Guards } from '../../../src/shared/contract/policies.ts'
import type { GuardReading } from '../../../src/shared/contract/policy-runs.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { followHarm, type HarmState, noHarm, worstHarm } from './harm-guard.ts'
import type { EvictedPages, ScrubHistory } from './region-history.ts'
import type { Evict } from './scrub-action.ts'
import type { ImageObservation, ScrubObservation } from './scrub-observation.ts'

/** Evictions and their returns, both fading with the regret window. */
interface Meter {
  readonly evictedPages: number
  /** Weighted by what a return costs: a random read counts 1. */
  readonly returnedPages: number
  /** Doublings of the interval. */
  readonly level: number
  readonly pausedUntilSeconds: number
}

export interface GuardState {
  readonly atSeconds: number | undefined
  /** Streams and other pages have their own regret, so that one cannot hide the other. */
  readonly streams: Meter
  readonly others: Meter
  /** Read latency while nothing was evicted. */
  readonly quietLatencySeconds: number | undefined
  readonly busyLatencySeconds: number | undefined
  readonly lastEvictSeconds: number
  /** What guests have to read from storage, with evictions and without. */
  readonly harm: HarmState
}

const still: Meter = {
  evictedPages: 0,
  returnedPages: 0,
  level: 0,
  pausedUntilSeconds: Number.NEGATIVE_INFINITY,
}

export const initialGuards: GuardState = {
  atSeconds: undefined,
  streams: still,
  others: still,
  quietLatencySeconds: undefined,
  busyLatencySeconds: undefined,
  lastEvictSeconds: Number.NEGATIVE_INFINITY,
  harm: noHarm,
}

/** Fewer evictions than this say nothing about regret. */
const minJudgedPages = 64
/** Latency counts as quiet when nothing was evicted for so long. */
const quietSeconds = 5
/** Storage may give a guest so much more of what it asks than before evictions began. */
const harmGrowth = 1.1

export interface GuardContext {
  /** Reads of storage for a page of a stream that comes back. */
  readonly runPrice: number
  readonly intervalSeconds: number
}

export interface Followed {
  readonly guards: GuardState
  /** A bound has been passed just now. */
  readonly hasTripped: boolean
  readonly explanation: readonly string[]
}

/** Updates regret and latency from an observation; trips the meters that passed their bound. */
export function followGuards(
  guards: Guards,
  state: GuardState,
  history: ScrubHistory,
  observation: ScrubObservation,
  context: GuardContext,
): Followed {
  const explanation: string[] = []
  const now = observation.atSeconds
  const elapsed = state.atSeconds === undefined ? 0 : now - state.atSeconds
  const keep = Math.exp(-elapsed / guards.regretWindowSeconds)
  const returned = returnsOf(history, observation, context.runPrice)
  const latency = followLatency(state, observation)
  const harm = followHarm(state.harm, observation, isQuiet(state, now))
  const harmful = guards.regretRatio < 1 ? harmBreach(harm) : undefined
  const tooSlow = latencyBreach(guards, latency) ?? harmful
  if (harmful !== undefined) explanation.push(harmful)
  const grown = tooSlow ?? latencyGrowth(guards, latency)
  const { justEvicted } = history
  const evicted = state.others.evictedPages + justEvicted.others
  const reported = evicted > 0 || now < state.others.pausedUntilSeconds ? grown : tooSlow
  if (reported !== undefined && reported !== harmful) explanation.push(reported)
  const follow = (name: string, kind: keyof EvictedPages, slow: string | undefined): Meter => {
    const next = faded(state[kind], keep, justEvicted[kind], returned[kind])
    const why = slow ?? regretBreach(guards, name, next)
    if (now < next.pausedUntilSeconds) return { ...next, evictedPages: 0, returnedPages: 0 }
    if (why === undefined) return calmed(next, now, guards.regretWindowSeconds)
    const pause = Math.min(guards.maxIntervalSeconds, context.intervalSeconds * 2 ** (next.level + 1))
    if (why !== slow) explanation.push(`${why}; ${name} are left alone for ${pause} s`)
    return { ...still, level: next.level + 1, pausedUntilSeconds: now + pause }
  }
  // A stream slows storage down by coming, whether its pages are evicted or not: growth says nothing against that.
  const streams = follow('streams', 'streams', tooSlow)
  const others = follow('other pages', 'others', reported)
  const isNew = (next: Meter, before: Meter) =>
    next.pausedUntilSeconds > before.pausedUntilSeconds && next.level > before.level
  const hasTripped = isNew(streams, state.streams) || isNew(others, state.others)
  return { hasTripped, guards: { ...state, ...latency, harm, atSeconds: now, streams, others }, explanation }
}

function faded(meter: Meter, keep: number, evictedPages: number, returnedPages: number): Meter {
  return {
    ...meter,
    evictedPages: meter.evictedPages * keep + evictedPages,
    returnedPages: meter.returnedPages * keep + returnedPages,
  }
}

/** A whole window without a breach takes one doubling back. */
function calmed(meter: Meter, now: number, windowSeconds: number): Meter {
  if (meter.level === 0 || now < meter.pausedUntilSeconds + windowSeconds) return meter
  return { ...meter, level: meter.level - 1, pausedUntilSeconds: now }
}

function regretBreach(guards: Guards, name: string, meter: Meter): string | undefined {
  if (guards.regretRatio >= 1 || meter.evictedPages < minJudgedPages) return undefined
  const ratio = meter.returnedPages / meter.evictedPages
  if (ratio <= guards.regretRatio) return undefined
  return `regret of ${name} ${ratio.toFixed(2)} passed its bound ${guards.regretRatio}`
}

function returnsOf(history: ScrubHistory, observation: ScrubObservation, runPrice: number) {
  let streams = 0
  let others = 0
  for (const image of observation.images) {
    const known = history.images.get(image.path)
    for (const region of image.regions) {
      if (region.returnedPages === 0) continue
      if (known?.get(region.index)?.evictedAsStream) streams += region.returnedPages * runPrice
      else others += region.returnedPages
    }
  }
  return { streams, others }
}

type Latency = Pick<GuardState, 'quietLatencySeconds' | 'busyLatencySeconds'>

function followLatency(state: GuardState, observation: ScrubObservation): Latency {
  const seen = observation.readLatencySeconds
  const { quietLatencySeconds, busyLatencySeconds } = state
  if (seen === undefined) return { quietLatencySeconds, busyLatencySeconds }
  const smooth = (before: number | undefined) => (before === undefined ? seen : before * 0.8 + seen * 0.2)
  if (isQuiet(state, observation.atSeconds))
    return { quietLatencySeconds: smooth(quietLatencySeconds), busyLatencySeconds: undefined }
  return { quietLatencySeconds, busyLatencySeconds: smooth(busyLatencySeconds) }
}

/** Nothing was evicted of late. */
export function isQuiet({ lastEvictSeconds }: GuardState, nowSeconds: number): boolean {
  return nowSeconds - lastEvictSeconds > quietSeconds
}

function harmBreach(state: HarmState): string | undefined {
  const harm = worstHarm(state)
  if (harm === undefined || harm.growth <= harmGrowth) return undefined
  const percent = (ratio: number) => `${Math.round(ratio * 100)} %`
  return (
    `guest ${harm.guest} reads ${percent(harm.ratio)} of what it asks from storage, ` +
    `${percent(harm.quietRatio)} before anything was evicted: evictions pause`
  )
}

function latencyBreach(guards: Guards, latency: Latency): string | undefined {
  const busy = latency.busyLatencySeconds
  if (busy === undefined || guards.readLatencySeconds === undefined || busy <= guards.readLatencySeconds)
    return undefined
  return `read latency ${inMs(busy)} passed its bound ${inMs(guards.readLatencySeconds)}: evictions pause`
}

const inMs = (seconds: number) => `${(seconds * 1000).toFixed(1)} ms`

function latencyGrowth(guards: Guards, latency: Latency): string | undefined {
  const { quietLatencySeconds: quiet, busyLatencySeconds: busy } = latency
  if (busy === undefined) return undefined
  if (quiet !== undefined && busy > quiet * guards.readLatencyGrowth)
    return `read latency ${inMs(busy)} is over ${guards.readLatencyGrowth} times ${inMs(quiet)}: evictions pause`
  return undefined
}

/**
 * Whether a guard has paused evictions: those of streams, or all others. False before the first observation. Pure.
 */
export function isPaused(state: GuardState, stream: boolean): boolean {
  const meter = stream ? state.streams : state.others
  return state.atSeconds !== undefined && state.atSeconds < meter.pausedUntilSeconds
}

/** Images that a policy may touch at all. */
export function scrubbableImages(guards: Guards, observation: ScrubObservation): readonly ImageObservation[] {
  const excluded = new Set(guards.exclude)
  return observation.images.filter(
    (image) => !image.foreignWriter && !image.excluded && !excluded.has(image.path),
  )
}

/** When something was evicted last, for telling quiet times. What really went shows at the next look. */
export function noteActed(state: GuardState, actions: readonly Evict[], now: number): GuardState {
  return actions.length === 0 ? state : { ...state, lastEvictSeconds: now }
}

/** How near the guards are to stopping the policy; a guard that is switched off is left out. */
export function readGuards(guards: Guards, state: GuardState, nowSeconds: number): GuardReading[] {
  const paused = ({ pausedUntilSeconds }: Meter) =>
    pausedUntilSeconds > nowSeconds ? { pausedSeconds: pausedUntilSeconds - nowSeconds } : {}
  const regret = (name: 'regret of streams' | 'regret of other pages', meter: Meter): GuardReading => ({
    name,
    unit: 'ratio',
    bound: guards.regretRatio,
    ...(meter.evictedPages >= minJudgedPages && { value: meter.returnedPages / meter.evictedPages }),
    ...paused(meter),
  })
  const harm = worstHarm(state.harm)
  const reads: GuardReading = {
    ...{ name: 'reads from storage', unit: 'ratio', bound: harmGrowth },
    ...withValue({ value: harm?.growth }),
  }
  const { quietLatencySeconds: quiet, busyLatencySeconds: busy } = state
  const grown = quiet === undefined ? undefined : quiet * guards.readLatencyGrowth
  const bounds = [guards.readLatencySeconds, grown].filter((bound) => bound !== undefined)
  return [
    ...(guards.regretRatio < 1
      ? [regret('regret of streams', state.streams), regret('regret of other pages', state.others), reads]
      : []),
    ...(bounds.length === 0
      ? []
      : [
          {
            name: 'read latency' as const,
            unit: 'seconds' as const,
            bound: Math.min(...bounds),
            ...((busy ?? quiet) !== undefined && { value: busy ?? quiet ?? 0 }),
          },
        ]),
  ]
}

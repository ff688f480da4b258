// The guard from end to end: what guests have to read from storage for what they ask, while something is evicted,
// against their own recent past under the same load.
import type { GuestReads, ScrubObservation } from './scrub-observation.ts'

interface Reads {
  readonly askedPages: number
  readonly fetchedPages: number
}

/** Of a stretch of time, fading over about `spanSeconds`. */
interface Stretch {
  readonly seconds: number
  readonly guests: ReadonlyMap<string, Reads>
}

export interface HarmState {
  readonly atSeconds: number | undefined
  readonly quiet: Stretch
  readonly acting: Stretch
}

const nothing: Stretch = { seconds: 0, guests: new Map() }
export const noHarm: HarmState = { atSeconds: undefined, quiet: nothing, acting: nothing }

const spanSeconds = 30
/** Less says nothing, of time and of pages. */
const minQuietSeconds = 5
const minActingSeconds = 10
const minPages = 256
/** A guest that asks so much more or less does other work: its past says nothing. */
const sameLoad = 2
/** What guests ask is what they get: one that asks so much less than before waits longer. */
const servedLess = 0.95
/** Of what a guest asks, storage may have to give so much more than before: what two stretches differ by chance. */
const slackRatio = 0.02

/** Pure. `isQuiet`: nothing was evicted of late. */
export function followHarm(state: HarmState, observation: ScrubObservation, isQuiet: boolean): HarmState {
  const { atSeconds, guests, pageBytes } = observation
  const elapsed = state.atSeconds === undefined ? 0 : atSeconds - state.atSeconds
  if (guests === undefined || elapsed <= 0) return { ...state, atSeconds }
  const keep = Math.exp(-elapsed / spanSeconds)
  const add = (stretch: Stretch): Stretch => ({
    seconds: stretch.seconds * keep + elapsed,
    guests: new Map(guests.flatMap((guest) => added(stretch, guest, { keep, pageBytes }))),
  })
  return isQuiet
    ? { atSeconds, quiet: add(state.quiet), acting: nothing }
    : { atSeconds, quiet: state.quiet, acting: add(state.acting) }
}

function added(
  stretch: Stretch,
  { name, askedBytes, fetchedBytes }: GuestReads,
  { keep, pageBytes }: { readonly keep: number; readonly pageBytes: number },
): [string, Reads][] {
  if (askedBytes === undefined) return []
  const before = stretch.guests.get(name) ?? { askedPages: 0, fetchedPages: 0 }
  return [
    [
      name,
      {
        askedPages: before.askedPages * keep + askedBytes / pageBytes,
        fetchedPages: before.fetchedPages * keep + fetchedBytes / pageBytes,
      },
    ],
  ]
}

export interface Harm {
  readonly guest: string
  /** Of what it asked, from storage; readahead may make it more than 1. */
  readonly ratio: number
  readonly quietRatio: number
  /**
   * Of the one to the other, less what chance explains. At most 1 where every guest gets as much as before: a stream that
   * is read from storage again, in large reads, for the sake of others has lost nothing.
   */
  readonly growth: number
}

/** The guest that fares worst; undefined: too little is known, or guests do other work than before. */
export function worstHarm({ quiet, acting }: HarmState): Harm | undefined {
  if (quiet.seconds < minQuietSeconds || acting.seconds < minActingSeconds) return undefined
  let worst: Harm | undefined
  let isServedLess = false
  for (const [guest, now] of acting.guests) {
    const before = quiet.guests.get(guest)
    if (before === undefined) return undefined
    const [asksBefore, asks] = [before.askedPages / quiet.seconds, now.askedPages / acting.seconds]
    if (!isSameLoad(asksBefore, asks)) return undefined
    if (now.askedPages < minPages || before.askedPages < minPages) continue
    if (asks < asksBefore * servedLess) isServedLess = true
    const [ratio, quietRatio] = [now.fetchedPages / now.askedPages, before.fetchedPages / before.askedPages]
    const growth = ratio / (quietRatio + slackRatio)
    if (worst === undefined || growth > worst.growth) worst = { guest, ratio, quietRatio, growth }
  }
  return worst === undefined || isServedLess ? worst : { ...worst, growth: Math.min(1, worst.growth) }
}

/** In pages a second; next to nothing is as good as nothing. */
function isSameLoad(before: number, now: number): boolean {
  return Math.max(before, now) < 10 || (now < before * sameLoad && before < now * sameLoad)
}

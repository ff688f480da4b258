// Whether ksmd hurries for guests that boot while memory is short: a guest takes its RAM before it is merged, and that peak
// decides whether it fits. Pure.
import type { KsmPolicy } from '../../../src/shared/contract/policies.ts'
import { isShortFor } from './ksm-memory.ts'
import type { GovernedGuest, KsmObservation } from './ksm-observation.ts'

interface YoungGuest {
  readonly residentBytes: number
  /** Its resident memory changed then: it takes memory, or merging frees some of it. */
  readonly changedAtSeconds: number
  /** Memory was short for it at some look since it started: what haste frees does not end the haste. */
  readonly isShort: boolean
}

export interface Haste {
  /** Of the last look. */
  readonly atSeconds: number | undefined
  /** By process: guests in their first minute that can be merged. */
  readonly young: ReadonlyMap<number, YoungGuest>
  /** How long ksmd hurried, look by look, within the last ten minutes. */
  readonly used: readonly { readonly atSeconds: number; readonly seconds: number }[]
  /** Names of the guests for which it hurries now; empty: it does not. */
  readonly guests: readonly string[]
  /** Guests would be hurried for, and the seconds of these ten minutes are used up. */
  readonly isSpent: boolean
  /** One more guest would leave too little memory: guests are listed, and KSM is looked at, more often. */
  readonly isTight: boolean
}

export const initialHaste: Haste = {
  atSeconds: undefined,
  young: new Map(),
  used: [],
  guests: [],
  isSpent: false,
  isTight: false,
}

/** `bootHasteSeconds` are of so many. */
const windowSeconds = 600
/** No guest counts as young for longer. */
const youngSeconds = 60
/** A guest whose memory does not change for so long has settled: firmware and boot loaders pause, too. */
const settlesSeconds = 3
/** From one look to the next: less is no change. */
const changeBytes = 2 ** 20

/** Whether a policy allows haste at all. Pure. */
export function mayHurry({ mode, bootBurst, bootHasteSeconds }: KsmPolicy): boolean {
  return mode === 'govern' && bootBurst && bootHasteSeconds > 0
}

/**
 * Follows guests in their first minute. ksmd hurries while one of them takes memory that is short for it, as long as other
 * guests run, and for no more than `bootHasteSeconds` in ten minutes, however many guests come: an interval as long as the
 * last one must be left. Guests are those of the observation, which are proven to be some. `secondsPerPage`: what looking
 * at a page costs ksmd. Pure.
 */
export function followHaste(
  policy: KsmPolicy,
  before: Haste,
  seen: KsmObservation,
  secondsPerPage: number,
): Haste {
  const { used } = endHaste(before, seen.atSeconds)
  if (!mayHurry(policy) || !comesInTime(policy, seen, secondsPerPage))
    return { ...initialHaste, used, atSeconds: seen.atSeconds }
  const young = followYoung(policy, before.young, seen)
  const lookSeconds = seen.atSeconds - (before.atSeconds ?? seen.atSeconds)
  const leftSeconds = leftOfHaste(policy, before, seen.atSeconds)
  const isLeft = leftSeconds > 0 && leftSeconds >= lookSeconds
  const waiting = seen.guests.length > 1 ? findBooting(young, seen) : []
  return {
    atSeconds: seen.atSeconds,
    young,
    used,
    guests: isLeft ? waiting : [],
    isSpent: !isLeft && waiting.length > 0,
    isTight: isLeft && isTightFor(policy, seen),
  }
}

/** From then on ksmd hurries for nobody, and guests are not looked for more often; what it did since the last look counts. Pure. */
export function endHaste(haste: Haste, atSeconds: number): Haste {
  const seconds = haste.guests.length === 0 ? 0 : atSeconds - (haste.atSeconds ?? atSeconds)
  const used = seconds > 0 ? [...haste.used, { atSeconds, seconds }] : haste.used
  return {
    ...haste,
    atSeconds,
    used: used.filter((one) => one.atSeconds > atSeconds - windowSeconds),
    guests: [],
    isSpent: false,
    isTight: false,
  }
}

/** Seconds for which ksmd may still hurry, below zero where it hurried for longer. Pure. */
export function leftOfHaste({ bootHasteSeconds }: KsmPolicy, haste: Haste, atSeconds: number): number {
  const { used } = endHaste(haste, atSeconds)
  return bootHasteSeconds - used.reduce((sum, { seconds }) => sum + seconds, 0)
}

/** Within the half of a window's budget that may go at once ksmd must come by every guest, or it never gets to the new one. */
function comesInTime(
  { cpuRatio, cpuWindowSeconds }: KsmPolicy,
  { guests, pageBytes }: KsmObservation,
  secondsPerPage: number,
): boolean {
  const bytes = guests.reduce((sum, guest) => sum + (guest.mergeable ? guest.residentBytes : 0), 0)
  return (bytes / pageBytes) * secondsPerPage <= 0.5 * cpuRatio * cpuWindowSeconds
}

function followYoung(policy: KsmPolicy, before: Haste['young'], seen: KsmObservation): Haste['young'] {
  const { memory, atSeconds } = seen
  const usualBytes = usualGuestBytes(seen)
  const follow = (guest: GovernedGuest): YoungGuest => {
    const { residentBytes } = guest
    const known = before.get(guest.pid)
    const isSame = known !== undefined && Math.abs(residentBytes - known.residentBytes) < changeBytes
    const grows = Math.max(0, usualBytes - residentBytes)
    return {
      residentBytes: isSame ? known.residentBytes : residentBytes,
      changedAtSeconds: isSame ? known.changedAtSeconds : atSeconds,
      isShort: known?.isShort === true || isShortFor(policy, memory, guest, grows),
    }
  }
  const isYoung = ({ ageSeconds, name, mergeable }: GovernedGuest) =>
    ageSeconds < youngSeconds && mergeable && !policy.exclude.includes(name)
  return new Map(seen.guests.filter(isYoung).map((guest) => [guest.pid, follow(guest)]))
}

function findBooting(young: Haste['young'], { guests, atSeconds }: KsmObservation): string[] {
  const isBooting = ({ pid }: GovernedGuest) => {
    const known = young.get(pid)
    return known?.isShort === true && atSeconds - known.changedAtSeconds < settlesSeconds
  }
  return guests.filter(isBooting).map(({ name }) => name)
}

/** Whether the next guest, if it is like one of these, would be short of memory. */
function isTightFor(policy: KsmPolicy, seen: KsmObservation): boolean {
  const usualBytes = usualGuestBytes(seen)
  return seen.guests.some((guest) => isShortFor(policy, seen.memory, guest, usualBytes))
}

/** What a guest takes here before it is merged: the median, of two the larger. */
function usualGuestBytes({ guests }: KsmObservation): number {
  const sorted = guests.map(({ residentBytes }) => residentBytes).toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

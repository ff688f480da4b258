// The bad day: what it takes when merged pages break, how soon, whom it hurts, and what the policy would do. Pure.
import type {
  Assessment,
  BadDay,
  CapacityAnswer,
  CapacityReading,
  HurtGuest,
  Policy,
} from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import { add, divide, isKnown, known, mapKnown, noLimit, notKnown, subtract } from './answers.ts'
import { secondsApart } from './one-more-guest.ts'
import { freeBytesOf, mergedNowOf, reclaimableOf } from './room.ts'

/**
 * What one processor breaks at most: a fault and a copy for each page. `npm run bench -- density` measures it on this
 * machine; docs/capacity.md has the figure.
 */
export const brokenBytesPerCoreSecond = 2 ** 31
const maxHurt = 16

export interface BadDayInputs {
  readonly reading: CapacityReading
  readonly assessment: Assessment
  readonly earlier: Assessment | undefined
  /** The highest hour of the last week. Absent: not kept. */
  readonly seenBreaksPerSecond?: number | undefined
  /** What merging still frees in the scenario. */
  readonly frees: CapacityAnswer
  readonly reserve: CapacityAnswer
  readonly more: MoreGuests
  /** Absent: none governs KSM. */
  readonly policy: Policy | undefined
}

/** The guests that fit in the scenario, and what each of them takes and saves. */
interface MoreGuests {
  readonly guests: CapacityAnswer
  /** Without the reserve for its merged pages. */
  readonly takes: CapacityAnswer
  readonly mergedBytes: number
}

/** Every figure in bytes, or seconds where its name says so. */
export function badDayOf(inputs: BadDayInputs): BadDay {
  const { reading, frees, reserve, policy } = inputs
  const rate = breakRateOf(reading, inputs.seenBreaksPerSecond)
  const cores = known(brokenBytesPerCoreSecond * reading.processors)
  const untilGone = (spare: CapacityAnswer, missing: CapacityAnswer) => ({
    rateSeconds: secondsUntilGone(spare, rate, missing, 'no merged page has broken'),
    worstSeconds: secondsUntilGone(spare, cores, missing, ''),
  })
  const spareNow = spareOf(reading)
  const spare = add(spareNow, frees)
  // What is still to be merged frees as much as it takes when it breaks.
  const missing = subtract(mergedNowOf(reading), spareNow)
  const filled = fill({ spare, missing }, inputs.more)
  return {
    merged: add(mergedNowOf(reading), frees),
    spare,
    reserve,
    rate,
    worstMissing: notBelow0(missing),
    ...untilGone(spare, missing),
    filled: { missing: notBelow0(filled.missing), ...untilGone(notBelow0(filled.spare), filled.missing) },
    hurt: hurtGuests(inputs),
    policyWould: describeGuard(policy, reserve, inputs),
  }
}

interface Spared {
  readonly spare: CapacityAnswer
  /** Negative: so much is left. */
  readonly missing: CapacityAnswer
}

/** Once the guests that fit run: they take what is spare, and their merged pages break as well. */
function fill({ spare, missing }: Spared, { guests, takes, mergedBytes }: MoreGuests): Spared {
  if (!isKnown(guests)) return { spare: guests, missing: guests }
  if (!isKnown(takes)) return { spare: takes, missing: takes }
  const taken = mapKnown(guests, (count) => count * takes.best)
  const broken = mapKnown(guests, (count) => count * mergedBytes)
  return { spare: subtract(spare, taken), missing: add(missing, add(taken, broken)) }
}

function notBelow0(answer: CapacityAnswer): CapacityAnswer {
  return mapKnown(answer, (bytes) => Math.max(0, bytes))
}

/** Free, cache that the kernel gives back, and free swap. */
function spareOf(reading: CapacityReading): CapacityAnswer {
  const { swapFreeBytes } = reading.memory
  return add(add(known(freeBytesOf(reading)), reclaimableOf(reading)), known(swapFreeBytes))
}

/** The highest of three: while looking, on average since the host booted, and in the worst hour of the last week. */
function breakRateOf(
  { merging, pageSize }: CapacityReading,
  seenPerSecond: number | undefined,
): CapacityAnswer {
  if (merging === undefined) return notKnown('this kernel has no KSM')
  const { breaksPerSecond, bootBreaksPerSecond } = merging
  const rates = [breaksPerSecond, bootBreaksPerSecond, seenPerSecond].filter((rate) => rate !== undefined)
  if (rates.length === 0)
    return notKnown('this kernel does not count broken merges (cow_ksm of /proc/vmstat)')
  return known(Math.max(...rates) * pageSize, Math.min(...rates) * pageSize)
}

/** No limit where nothing is missing: then breaking ends before the memory does. */
function secondsUntilGone(
  spare: CapacityAnswer,
  rate: CapacityAnswer,
  missing: CapacityAnswer,
  without: string,
): CapacityAnswer {
  if (!isKnown(missing)) return missing
  if (missing.high <= 0) return noLimit('all merged pages fit into memory when they break')
  return divide(spare, rate, without)
}

function hurtGuests({ reading, assessment, earlier }: BadDayInputs): HurtGuest[] {
  const byScore = reading.guests
    .filter(({ oomScore }) => oomScore !== undefined)
    .toSorted((a, b) => (b.oomScore ?? 0) - (a.oomScore ?? 0))
  return assessment.guests
    .toSorted((a, b) => b.mergedBytes - a.mergedBytes)
    .slice(0, maxHurt)
    .map(({ pid, name, mergedBytes }) => {
      const place = byScore.findIndex((guest) => guest.pid === pid && guest.name === name)
      return {
        pid,
        name,
        mergedBytes,
        brokePerSecond: brokeOf({ pid, name, mergedBytes }, assessment, earlier),
        ...(place >= 0 && { killedAs: place + 1 }),
      }
    })
}

/** The kernel counts breaks of the whole host only: a guest's are what it lost of its merged pages, at least. */
function brokeOf(
  { pid, name, mergedBytes }: Pick<HurtGuest, 'pid' | 'name' | 'mergedBytes'>,
  assessment: Assessment,
  earlier: Assessment | undefined,
): CapacityAnswer {
  const before = earlier?.guests.find((guest) => guest.pid === pid && guest.name === name)
  const seconds = earlier === undefined ? 0 : secondsApart(earlier, assessment)
  if (before === undefined || seconds <= 0)
    return notKnown('the workbench keeps only one assessment of this guest')
  return known(Math.max(0, before.mergedBytes - mergedBytes) / seconds)
}

/** Where no rate of breaks is known the governor knows of none either. */
function isUncounted({ merging }: CapacityReading): boolean {
  return merging?.breaksPerSecond === undefined && merging?.bootBreaksPerSecond === undefined
}

function describeGuard(
  policy: Policy | undefined,
  reserve: CapacityAnswer,
  { assessment, reading }: Pick<BadDayInputs, 'assessment' | 'reading'>,
): string[] {
  if (policy === undefined || policy.ksm.mode === 'observe')
    return ['No policy governs KSM: only the kernel acts, by ending a guest when memory runs out.']
  if (policy.ksm.reserveBytes === 0 && policy.ksm.reserveRatio === 0)
    return ['The policy keeps no reserve: only the kernel acts, by ending a guest when memory runs out.']
  if (isUncounted(reading))
    return [
      'This kernel does not count broken merges (Linux >= 5.19): the policy cannot see that they outrun its reserve, and only the kernel acts.',
    ]
  const { doubleCachedBytes, imageCacheBytes } = assessment.totals
  const kept = isKnown(reserve) ? `the reserve of ${formatBytes(reserve.best)}` : 'the reserve'
  const evicts = policy.scrub.guards.dryRun
    ? 'It would name the image cache to evict and evict nothing, since it is a dry run.'
    : `It evicts image cache of least worth: ${formatBytes(doubleCachedBytes)} that guests hold too, then up to ${formatBytes(imageCacheBytes)} in all.`
  return [
    `It acts when merged pages break faster than ${kept} allows.`,
    evicts,
    'It stops KSM from splitting and merging further; what is merged stays merged.',
    'It tells this workbench, the audit and the journal, and names the guest to move to another host.',
  ]
}

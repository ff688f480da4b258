// How the KSM governor tells what it does: sentences for the log and the screen.
import type { Haste } from './boot-haste.ts'
import type { KsmBudget } from './ksm-budget.ts'
import type { BurstEnd, FollowedBurst } from './ksm-burst.ts'

/** `12.5 MiB`. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

/** What a burst that goes on is waiting for. */
export function describeAiming({ progress }: FollowedBurst, pageBytes: number): string {
  const { potentialPages } = progress.aim
  if (potentialPages === undefined) return 'until a pass brings nothing'
  return `until ${mebibytes(potentialPages * pageBytes)} are freed or a pass brings nothing`
}

/** The end as the counters show it; the measurement that follows has the last word. */
export function describeEnded(
  { outcome, cause }: BurstEnd,
  { passes, freedPages, progress }: FollowedBurst,
  why: string,
  pageBytes: number,
): string[] {
  const { potentialPages } = progress.aim
  const of = potentialPages === undefined ? '' : ` of ${mebibytes(potentialPages * pageBytes)}`
  const freed = `${mebibytes(freedPages * pageBytes)}${of} freed`
  const text = `KSM: ${words[outcome]} after ${passes} whole passes (${why}): ${freed}, ${cause}; measures what is left`
  if (progress.voidPasses === 0) return [text]
  const isKnown = progress.startCpuSeconds !== undefined
  const cost = isKnown ? ` (${progress.voidCpuSeconds.toFixed(1)} s of ksmd's CPU)` : ''
  return [
    text,
    `KSM: in ${progress.voidPasses} of these passes nothing could be compared${cost}: they did not count`,
  ]
}

/** After the measurement: what is left, and what becomes of it. */
export function describeJudged(
  end: BurstEnd,
  leftBytes: number,
  isAgain: boolean,
  retrySeconds: number,
): string {
  const left = `KSM: ${words[end.outcome]} by measurement, ${mebibytes(leftBytes)} left`
  if (isAgain) return `${left}, which is tried again`
  if (end.outcome === 'realised' || retrySeconds <= 0) return left
  return `${left}: pages that keep changing, or out of KSM's reach; tried again in ${Math.round(retrySeconds / 60)} min`
}

/** For whom ksmd hurries, or why it does not although guests boot; nothing while none does. */
export function describeHaste({ guests, isSpent }: Haste, ofSeconds: number): string[] {
  const [first, ...others] = guests
  if (first !== undefined) {
    const more = others.length === 0 ? 'which boots' : `and ${others.length} more, which boot`
    return [`KSM: hurries for ${first}, ${more} while memory is short`]
  }
  return isSpent
    ? [`KSM: no more haste for guests that boot: its ${ofSeconds} s in ten minutes are used up`]
    : []
}

const words: Readonly<Record<BurstEnd['outcome'], string>> = {
  realised: 'realised',
  exhausted: 'exhausted',
  'given-up': 'given up',
}

/** What keeps ksmd slow, or its CPU from being known; nothing while neither does. */
export function describeBudget(
  { isEstimated, secondsPerPage, isBusy }: KsmBudget,
  isScanning: boolean,
): string[] {
  const busy =
    isBusy && isScanning ? ['KSM: guests are at work and wait for processors: ksmd goes slowly'] : []
  if (!isEstimated) return busy
  const cost = (secondsPerPage * 1e6).toFixed(0)
  return [
    ...busy,
    `KSM: /proc does not show ksmd (another PID namespace): its CPU is estimated at ${cost} µs a page`,
  ]
}

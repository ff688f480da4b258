// Wilcoxon's signed ranks: the exact test, the typical value (Hodges and Lehmann), and the interval that the test does
// not contradict. They ask only that values are symmetric about their centre, and the log ratio of two phases that
// differ in nothing but their order, which is drawn, is symmetric about 0 whatever the workload does. Pure.
import { medianOfSorted } from '../../../shared/statistics/median.ts'

export interface SignedRanks {
  /** Values that are not 0. */
  readonly count: number
  /** Sum of the ranks of values above 0; ties share the mean of their ranks. */
  readonly positiveRanks: number
  /** Two-sided, exact, ties included. 1 where no value differs from 0. */
  readonly pValue: number
  /** Effect size, −1 to 1: (ranks above 0 − ranks below) / all ranks. */
  readonly rankBiserial: number
}

export interface RankInterval {
  readonly low: number
  readonly high: number
  /** Chance that such an interval covers the centre: at least what was asked for, as ranks are whole. */
  readonly coverage: number
}

/** Against a centre of 0. Values of exactly 0 are left out, as Wilcoxon did. */
export function testSignedRanks(values: readonly number[]): SignedRanks {
  const sorted = values.filter((value) => value !== 0).sort((a, b) => Math.abs(a) - Math.abs(b))
  // Twice the ranks: those of ties end in a half.
  const doubled = new Uint32Array(sorted.length)
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1
    while (to < sorted.length && Math.abs(sorted[to] ?? 0) === Math.abs(sorted[from] ?? 0)) to += 1
    doubled.fill(from + 1 + to, from, to)
    from = to
  }
  const total = doubled.reduce((sum, rank) => sum + rank, 0)
  const positive = doubled.reduce((sum, rank, at) => sum + ((sorted[at] ?? 0) > 0 ? rank : 0), 0)
  return {
    count: sorted.length,
    positiveRanks: positive / 2,
    pValue: Math.min(1, 2 * shareAtMost(doubled, Math.min(positive, total - positive))),
    rankBiserial: total === 0 ? 0 : (2 * positive - total) / total,
  }
}

/** The chance that ranks with random signs have a positive sum of at most `most`: all 2^n signs counted. */
function shareAtMost(ranks: Uint32Array, most: number): number {
  const total = ranks.reduce((sum, rank) => sum + rank, 0)
  const chance = new Float64Array(total + 1)
  chance[0] = 1
  let reached = 0
  for (const rank of ranks) {
    reached += rank
    for (let sum = reached; sum >= 0; sum -= 1)
      chance[sum] = ((chance[sum] ?? 0) + (sum >= rank ? (chance[sum - rank] ?? 0) : 0)) / 2
  }
  return chance.subarray(0, most + 1).reduce((sum, one) => sum + one, 0)
}

/** The median of all means of two values, each with itself included. NaN without values. */
export function typicalValue(values: readonly number[]): number {
  return medianOfSorted(meansOfTwo(values))
}

/**
 * What the exact test does not contradict at `level`: the means of two values between two ranks, as in R's
 * `wilcox.test(conf.int = TRUE)`. undefined: so few values never contradict anything (fewer than 6 at 95 %).
 */
export function rankInterval(values: readonly number[], level = 0.95): RankInterval | undefined {
  const { rank, coverage } = criticalRank(values.length, level)
  if (rank === 0) return undefined
  const means = meansOfTwo(values)
  return { low: means[rank - 1] ?? Number.NaN, high: means[means.length - rank] ?? Number.NaN, coverage }
}

const criticalRanks = new Map<string, { readonly rank: number; readonly coverage: number }>()

/** How many means to leave out at each end, plus one; 0: none can be left out. */
function criticalRank(count: number, level: number) {
  const key = `${count} ${level}`
  const known = criticalRanks.get(key)
  if (known !== undefined) return known
  const ranks = Uint32Array.from({ length: count }, (_, index) => index + 1)
  const allowed = (1 - level) / 2
  let rank = 0
  while (rank <= (count * (count + 1)) / 4 && shareAtMost(ranks, rank) < allowed) rank += 1
  const found = { rank, coverage: rank === 0 ? 0 : 1 - 2 * shareAtMost(ranks, rank - 1) }
  criticalRanks.set(key, found)
  return found
}

function meansOfTwo(values: readonly number[]): Float64Array {
  const count = values.length
  const means = new Float64Array((count * (count + 1)) / 2)
  let at = 0
  for (let i = 0; i < count; i += 1)
    for (let j = i; j < count; j += 1) means[at++] = ((values[i] ?? 0) + (values[j] ?? 0)) / 2
  return means.sort()
}

// How often and how fast a guest read its disks, between two answers of its QEMU. Pure.
import type { GuestDiskReads } from '../../../src/shared/contract/history.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { DiskStatistics } from './block-statistics.ts'

export interface DiskReading {
  readonly monotonicSeconds: number
  readonly disks: readonly DiskStatistics[]
}

/**
 * A disk that was plugged in or out in between counts from the next reading, and so does one whose counters went back
 * (another disk of the same name).
 */
export function compareReadings(before: DiskReading | undefined, now: DiskReading): GuestDiskReads {
  const total = {
    monotonicSeconds: now.monotonicSeconds,
    readRequests: sumOf(now.disks, ({ readRequests }) => readRequests) ?? 0,
    ...withValue({ readSeconds: sumOf(now.disks, ({ readSeconds }) => readSeconds) }),
  }
  const elapsed = before === undefined ? 0 : now.monotonicSeconds - before.monotonicSeconds
  if (before === undefined || elapsed <= 0) return total
  const pairs = pairDisks(before.disks, now.disks)
  const reads = pairs.reduce((sum, [from, to]) => sum + to.readRequests - from.readRequests, 0)
  const timed = pairs.flatMap(([from, to]) =>
    from.readSeconds === undefined || to.readSeconds === undefined
      ? []
      : [{ reads: to.readRequests - from.readRequests, took: to.readSeconds - from.readSeconds }],
  )
  const [timedReads, took] = [
    timed.reduce((sum, one) => sum + one.reads, 0),
    timed.reduce((sum, one) => sum + one.took, 0),
  ]
  return {
    ...total,
    readsPerSecond: reads / elapsed,
    ...withValue({ readLatencySeconds: timedReads > 0 && took >= 0 ? took / timedReads : undefined }),
  }
}

function pairDisks(
  before: readonly DiskStatistics[],
  now: readonly DiskStatistics[],
): (readonly [DiskStatistics, DiskStatistics])[] {
  const known = new Map(before.map((disk) => [disk.name, disk]))
  return now.flatMap((disk) => {
    const from = known.get(disk.name)
    return from === undefined || disk.readRequests < from.readRequests ? [] : [[from, disk] as const]
  })
}

/** undefined unless every disk has the figure: a part of a sum would pass for the whole. */
function sumOf(
  disks: readonly DiskStatistics[],
  figure: (disk: DiskStatistics) => number | undefined,
): number | undefined {
  let sum = 0
  for (const disk of disks) {
    const value = figure(disk)
    if (value === undefined) return undefined
    sum += value
  }
  return sum
}

// When huge pages that were split in vain are given back, and how much that may cost. Pure.
import { formatBytes } from '../../../src/shared/units.ts'
import type { LimitedGroups } from '../kernel/cache-limit.ts'
import type { Meminfo } from '../kernel/meminfo.ts'

export interface GivenBack {
  readonly bytes: number
  readonly seconds: number
  /** Of this process, in whose name the kernel copies. */
  readonly cpuSeconds: number
  /** Ranges that could be collapsed, those done included. */
  readonly candidateBytes: number
  /** Why not all of them were done, or none was looked for. Absent: all were. */
  readonly why?: string
}

export interface HugePageBudget {
  readonly seconds: number
  /** Memory is short below this share of the total: each collapse takes 2 MiB before it gives 2 MiB back. */
  readonly lowMemoryRatio: number
}

/** Of `ksm start`, and the default of the policy. */
export const hugePageBudget: HugePageBudget = { seconds: 10, lowMemoryRatio: 0.1 }

/** Why memory is too short for huge pages; undefined: it is not. */
export function shortOfMemory(
  budget: HugePageBudget,
  memory: Pick<Meminfo, 'memAvailableBytes' | 'memTotalBytes'>,
): string | undefined {
  if (memory.memAvailableBytes >= budget.lowMemoryRatio * memory.memTotalBytes) return undefined
  const percent = Math.round(100 * budget.lowMemoryRatio)
  return `less than ${percent} % of the memory is available`
}

/** Of a limit so much is enough, however large it is: ranges are collapsed one after the other. */
const enoughOfLimitBytes = 64 * 2 ** 20

/**
 * Why one of the control groups that a guest is in has too little left of its limit; undefined: each has enough. A
 * collapse is charged to all of them before what it replaces is given back. Cache that a group does not tell counts as
 * none to take.
 */
export function shortOfLimits(budget: HugePageBudget, limits: readonly LimitedGroups[]): string | undefined {
  const enoughOf = (limitBytes: number) => Math.min(enoughOfLimitBytes, budget.lowMemoryRatio * limitBytes)
  const short = limits.find(
    ({ limitBytes, usedBytes, cacheBytes = 0 }) => limitBytes - usedBytes + cacheBytes < enoughOf(limitBytes),
  )
  if (short === undefined) return undefined
  const enough = formatBytes(enoughOf(short.limitBytes))
  return `less than ${enough} of the limit of control group ${short.groups.join(', ')} are available`
}

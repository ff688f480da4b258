// Address space that a process has reserved and never used: a hundred TiB cost it nothing, and whoever looks through them minutes.
import { formatBytes } from '../../../src/shared/units.ts'
import type { Mapping } from '../kernel/smaps.ts'
import { sizeOf, totalSize } from './guest-ram.ts'

export interface BoundedMemory {
  readonly within: ReadonlySet<Mapping>
  /** What is left out, for people. Absent: nothing is. */
  readonly oversized?: string
}

/** Of one guest: four times the host's memory, and a TiB for memory that may be plugged in later. */
export function maxRamBytes(memTotalBytes: number): number {
  return 4 * memTotalBytes + 2 ** 40
}

/** Small mappings first, so that a large one takes no other's place. Pure. */
export function leaveOversizedOut(mappings: readonly Mapping[], maxBytes: number): BoundedMemory {
  const within = new Set<Mapping>()
  let bytes = 0
  for (const mapping of mappings.toSorted((a, b) => sizeOf(a) - sizeOf(b))) {
    bytes += sizeOf(mapping)
    if (bytes > maxBytes) break
    within.add(mapping)
  }
  if (within.size === mappings.length) return { within }
  const left = formatBytes(totalSize(mappings) - totalSize([...within]))
  const most = formatBytes(maxBytes)
  return { within, oversized: `${left} are beyond the ${most} that are looked at of a guest here` }
}

// Read latency and business of the disks under images. Source: /proc/diskstats (Documentation/admin-guide/iostats.rst).

import { join } from 'node:path'
import { withValue } from '../../../src/shared/with-value.ts'
import type { KernelRoot } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'

export interface DiskCounters {
  readonly reads: number
  readonly readSeconds: number
  readonly busySeconds: number
}

export type DiskReadings = ReadonlyMap<string, DiskCounters>

export interface StorageFigures {
  /** Absent: no reads since the last reading, or the images lie on no disk that the kernel counts. */
  readonly readLatencySeconds?: number
  readonly storageBusyRatio?: number
  /** Reads that the disks finished since the last reading. Absent: no disk that the kernel counts. */
  readonly storageReads?: number
}

/** Source: /proc/diskstats. Empty where there is none. */
export async function readDisks(root: KernelRoot): Promise<DiskReadings> {
  return parseDiskstats((await readIfThere(join(root.proc, 'diskstats'))) ?? '')
}

/** "major:minor" -> counters. */
export function parseDiskstats(text: string): DiskReadings {
  const disks = new Map<string, DiskCounters>()
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/)
    if (fields.length < 14) continue
    const [reads, readMs, busyMs] = [Number(fields[3]), Number(fields[6]), Number(fields[12])]
    disks.set(`${fields[0]}:${fields[1]}`, {
      reads,
      readSeconds: readMs / 1000,
      busySeconds: busyMs / 1000,
    })
  }
  return disks
}

/**
 * Read latency and use of the disks between two readings. A figure is absent where no disk has it: nothing was read,
 * or a disk is new.
 */
export function compareDisks(
  before: DiskReadings,
  now: DiskReadings,
  disks: Iterable<string>,
  elapsedSeconds: number,
): StorageFigures {
  let reads = 0
  let readSeconds = 0
  let busiest: number | undefined
  for (const disk of new Set(disks)) {
    const [from, to] = [before.get(disk), now.get(disk)]
    if (from === undefined || to === undefined || elapsedSeconds <= 0) continue
    reads += Math.max(0, to.reads - from.reads)
    readSeconds += Math.max(0, to.readSeconds - from.readSeconds)
    // The kernel counts in whole milliseconds, so a full second may measure a little more.
    const busy = Math.min(1, Math.max(0, (to.busySeconds - from.busySeconds) / elapsedSeconds))
    busiest = Math.max(busiest ?? 0, busy)
  }
  return {
    ...(reads > 0 && { readLatencySeconds: readSeconds / reads }),
    ...withValue({ storageBusyRatio: busiest, storageReads: busiest === undefined ? undefined : reads }),
  }
}

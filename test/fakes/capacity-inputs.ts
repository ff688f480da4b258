// A host of 16 GiB with four guests of 2 GiB, for tests of the pure model of capacity.
import type { Assessment } from '../../src/shared/contract/assessment.ts'
import type { CapacityReading } from '../../src/shared/contract/capacity-reading.ts'
import type { AssessedGuest } from '../../src/shared/contract/guests.ts'

const MiB = 2 ** 20
const GiB = 1024 * MiB

export const webGuests = [101, 102, 103, 104]

/** Of 1.5 GiB resident, 1 GiB is found elsewhere. */
export function assessedWeb(pid: number, change: Partial<AssessedGuest> = {}): AssessedGuest {
  return {
    pid,
    name: `web-${pid - 100}`,
    ramBytes: 2 * GiB,
    residentBytes: 1536 * MiB,
    zeroBytes: 128 * MiB,
    mergedBytes: 0,
    freedZeroBytes: 0,
    identicalBytes: GiB,
    mergeableBytes: 768 * MiB,
    doubleCachedBytes: 64 * MiB,
    why: [],
    ...change,
  }
}

/** `totals` follow from the guests. */
export function assessmentOf(guests: readonly AssessedGuest[], change: Partial<Assessment> = {}): Assessment {
  const sum = (of: (guest: AssessedGuest) => number) => guests.reduce((total, guest) => total + of(guest), 0)
  return {
    at: 1_000_000,
    host: {
      hostname: 'kvm1',
      kernel: '6.18',
      pageSize: 4096,
      memTotalBytes: 16 * GiB,
      memAvailableBytes: 8 * GiB,
    },
    guests: [...guests],
    images: [],
    sharing: [],
    totals: {
      guestResidentBytes: sum(({ residentBytes }) => residentBytes),
      mergeableBytes: sum(({ mergeableBytes }) => mergeableBytes),
      mergedBytes: sum(({ mergedBytes }) => mergedBytes),
      freedZeroBytes: 0,
      imageCacheBytes: GiB,
      doubleCachedBytes: GiB / 2,
      reclaimableBytes: 0,
    },
    cost: { wallSeconds: 1, cpuSeconds: 1, hashedBytes: 0, peakRssBytes: 0 },
    unreadable: [],
    ...change,
  }
}

/** Two cores half busy; nothing fetched from storage. */
export function readingOf(change: Partial<CapacityReading> = {}): CapacityReading {
  return {
    at: 1_060_000,
    lookSeconds: 2,
    pageSize: 4096,
    memory: {
      totalBytes: 16 * GiB,
      freeBytes: 6 * GiB,
      availableBytes: 8 * GiB,
      cachedBytes: 2 * GiB,
      swapTotalBytes: 0,
      swapFreeBytes: 0,
    },
    processors: 8,
    busyCores: 1.2,
    storage: { busyRatio: 0.1, reads: 0 },
    merging: { mergedBytes: 0, scanning: false, breaksPerSecond: 0, bootBreaksPerSecond: 0 },
    guests: webGuests.map((pid) => ({
      pid,
      name: `web-${pid - 100}`,
      rssBytes: 1600 * MiB,
      pageTableBytes: 4 * MiB,
      balloonBytes: 2 * GiB,
      cpuCores: 0.25,
      lifeCpuCores: 0.5,
      fetchedPerSecond: 0,
      lifeFetchedPerSecond: 0,
      oomScore: pid,
    })),
    unreadable: [],
    ...change,
  }
}

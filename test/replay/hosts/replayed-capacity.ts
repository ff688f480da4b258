// What a replayed host answers to `capacity/read`. Of every fourth host a guest has ended since it was assessed. Pure.
import type { CapacityReading } from '../../../src/shared/contract/index.ts'
import { gib, mib, type ReplayedHost, sampleOf } from './replayed-host.ts'

export function capacityReadingOf(host: ReplayedHost, seconds: number, at: number): CapacityReading {
  const { memory, guests, ksm } = sampleOf(host, seconds, at)
  const running = host.index % 4 === 2 ? guests.slice(0, -1) : guests
  return {
    at,
    lookSeconds: 2,
    pageSize: 4096,
    memory: {
      ...memory,
      swapTotalBytes: host.index % 4 === 3 ? 4 * gib : 0,
      swapFreeBytes: host.index % 4 === 3 ? 3 * gib : 0,
      committedBytes: 40 * gib,
      commitLimitBytes: 32 * gib,
    },
    processors: 32,
    busyCores: 6 + (host.index % 3),
    // Every third host has its images on a network.
    ...(host.index % 3 !== 2 && { storage: { busyRatio: 0.22, reads: 900 } }),
    merging: {
      mergedBytes: ksm?.mergedBytes ?? 0,
      scanning: true,
      breaksPerSecond: 14,
      bootBreaksPerSecond: 9,
    },
    guests: running.map(({ pid, name, rssBytes }, guest) => ({
      pid,
      name,
      rssBytes: rssBytes + 40 * mib,
      pageTableBytes: 14 * mib,
      swapBytes: 0,
      ...(guest % 2 === 0 ? { balloonBytes: 8 * gib } : { hasNoBalloon: true as const }),
      cpuCores: 0.4 + 0.1 * guest,
      lifeCpuCores: 0.5,
      fetchedPerSecond: 9e6,
      lifeFetchedPerSecond: 8e6,
      oomScore: 600 + guest,
    })),
    unreadable: [],
  }
}

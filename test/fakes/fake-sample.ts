// A sample of an idle host for unit tests, its monotonic clock in step with the time of arrival.
import type { Sample } from '../../src/shared/contract/index.ts'

export function fakeSample(change: Partial<Sample> = {}): Sample {
  return {
    at: 0,
    monotonicSeconds: (change.arrivedAt ?? change.at ?? 0) / 1000,
    memory: {
      totalBytes: 1e9,
      freeBytes: 4e8,
      availableBytes: 5e8,
      cachedBytes: 2e8,
    },
    gauges: {},
    guests: [],
    images: [],
    helper: { cpuSeconds: 0, rssBytes: 1e6 },
    unreadable: [],
    ...change,
  }
}

// A sample of an idle host for unit tests.
import type { Sample } from '../../src/shared/contract/index.ts'

export function fakeSample(change: Partial<Sample> = {}): Sample {
  return {
    at: 0,
    memory: {
      totalBytes: 1e9,
      freeBytes: 4e8,
      availableBytes: 5e8,
      cachedBytes: 2e8,
      dirtyBytes: 0,
      anonBytes: 3e8,
      swapTotalBytes: 0,
      swapFreeBytes: 0,
    },
    guests: [],
    images: [],
    helper: { cpuSeconds: 0, rssBytes: 1e6 },
    unreadable: [],
    ...change,
  }
}

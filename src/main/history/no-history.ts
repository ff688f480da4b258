// History of the command line: nothing is kept.
import type { Series } from '../../shared/contract/index.ts'
import type { History } from './history.ts'

const emptySeries: Series = {
  at: [],
  metrics: {},
  guestHitRatio: {},
  guestReadsPerSecond: {},
  guestReadLatencySeconds: {},
  guestIoPressureRatio: {},
  guestCpuRatio: {},
}

/** For a command that ends at once: keeps nothing and knows nothing. */
export function keepNoHistory(): History {
  return {
    addSample: () => undefined,
    addAssessment: () => undefined,
    addScrub: () => undefined,
    addNotes: () => undefined,
    notes: async () => [],
    addMark: () => undefined,
    marks: async () => [],
    remembered: async () => ({}),
    series: async () => emptySeries,
    means: async () => ({ at: [], metrics: {} }),
    forget: () => undefined,
    close: async () => undefined,
  }
}

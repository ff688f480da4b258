// Which metrics each chart of a host page shows, in order. A new metric is a name in one of these.
import type { MetricName, MetricUnit } from '../../shared/contract/index.ts'
import { notReported } from '../ui/Figure.tsx'

export interface HostChart {
  readonly id: string
  readonly title: string
  readonly note?: string
  readonly unit: MetricUnit
  readonly metrics: readonly MetricName[]
  /** Why there is nothing to draw though samples were taken. */
  readonly empty?: string
}

/** Drawn as parts of the whole, over the width of the page. */
export const memoryChart = {
  id: 'memory',
  title: 'Memory',
  unit: 'bytes',
  metrics: ['guestResidentBytes', 'otherUsedBytes', 'imageCacheBytes', 'otherCacheBytes', 'freeBytes'],
} as const satisfies HostChart

/** Each guest is a line of its own. */
export const hitChart = {
  id: 'hits',
  title: 'Hit ratio',
  unit: 'ratio',
  metrics: [],
  empty: 'No guest read from its images in this range.',
} as const satisfies HostChart

/** Of each guest as well: a line of its own. */
export const readsChart = {
  id: 'reads',
  title: 'Reads',
  note: 'requests of guests, and what reached the disks',
  unit: 'perSecond',
  metrics: ['diskReadsPerSecond'],
  empty: 'No monitor of a guest answers, and the kernel counts no disk under the images.',
} as const satisfies HostChart

/** Of each guest as well: a line of its own. */
export const latencyChart = {
  id: 'latency',
  title: 'Read latency',
  note: 'mean of the requests',
  unit: 'seconds',
  metrics: ['diskReadLatencySeconds'],
  empty: 'No read in this range, or none whose time is reported.',
} as const satisfies HostChart

/** Drawn as lines, two in a row; the hit ratio is the second. */
export const lineCharts: readonly HostChart[] = [
  {
    id: 'cache',
    title: 'Image cache',
    unit: 'bytes',
    metrics: ['imageCacheBytes', 'doubleCachedBytes', 'dirtyBytes'],
  },
  hitChart,
  readsChart,
  latencyChart,
  {
    id: 'ksm',
    title: 'KSM pages',
    unit: 'pages',
    metrics: ['pagesSharing', 'pagesShared', 'pagesUnshared', 'pagesVolatile'],
    empty: `KSM: ${notReported}.`,
  },
  {
    id: 'cpu',
    title: 'CPU cost',
    note: 'of one core',
    unit: 'ratio',
    metrics: ['ksmdCpuRatio', 'helperCpuRatio'],
  },
  {
    id: 'pressure',
    title: 'Pressure',
    note: 'share of time in which tasks wait',
    unit: 'ratio',
    metrics: [
      'memorySomePressureRatio',
      'memoryFullPressureRatio',
      'ioSomePressureRatio',
      'ioFullPressureRatio',
    ],
    empty: `Pressure: ${notReported}.`,
  },
  {
    id: 'anonymous',
    title: 'Anonymous memory and swap',
    unit: 'bytes',
    metrics: ['anonBytes', 'anonHugeBytes', 'swapUsedBytes'],
  },
]

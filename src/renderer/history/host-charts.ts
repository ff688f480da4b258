// Which metrics each chart of a host shows. A new metric is a name in one of these; host/…Tab.tsx says which chart is where.
import type { MetricName, MetricUnit } from '../../shared/contract/index.ts'
import { notReported } from '../ui/Figure.tsx'
import type { Notable } from './guest-layers.ts'

interface ChartWords {
  readonly title: string
  readonly note?: string
  /** Why there is nothing to draw though samples were taken. */
  readonly empty?: string
}

export interface HostChart extends ChartWords {
  readonly unit: MetricUnit
  readonly metrics: readonly MetricName[]
  /** What of the series is drawn beside, a line for each guest. */
  readonly ofGuests?:
    | 'guestHitRatio'
    | 'guestReadsPerSecond'
    | 'guestReadLatencySeconds'
    | 'guestIoPressureRatio'
    | 'guestCpuRatio'
  /** Of many guests, those that are told apart; without it those with the highest figures. */
  readonly notable?: Notable
  /** What is said otherwise on the page of one guest. */
  readonly ofOne?: Partial<ChartWords>
  /** Drawn as parts of a whole. */
  readonly stacked?: boolean
}

export const hostCharts = {
  memory: {
    title: 'Memory',
    unit: 'bytes',
    stacked: true,
    metrics: ['guestResidentBytes', 'otherUsedBytes', 'imageCacheBytes', 'otherCacheBytes', 'freeBytes'],
  },
  cache: {
    title: 'Image cache',
    unit: 'bytes',
    metrics: ['imageCacheBytes', 'doubleCachedBytes', 'dirtyBytes'],
  },
  hits: {
    title: 'Hit ratio',
    unit: 'ratio',
    metrics: [],
    empty: 'No guest read from its images in this range.',
    ofOne: { empty: 'This guest did not read from its images in this range.' },
    ofGuests: 'guestHitRatio',
    notable: 'lowest',
  },
  reads: {
    title: 'Reads',
    note: 'of guests and disks',
    unit: 'perSecond',
    metrics: ['diskReadsPerSecond'],
    empty: 'No monitor of a guest answers, and the kernel counts no disk under the images.',
    ofOne: {
      note: 'of this guest, and of the host’s disks',
      empty: 'The monitor of this guest does not answer, and the kernel counts no disk under the images.',
    },
    ofGuests: 'guestReadsPerSecond',
  },
  latency: {
    title: 'Read latency',
    note: 'mean of the requests',
    unit: 'seconds',
    metrics: ['diskReadLatencySeconds'],
    empty: 'No read in this range, or none whose time is reported.',
    ofGuests: 'guestReadLatencySeconds',
  },
  ioWaits: {
    title: 'Waiting for storage',
    note: 'share of time, of the control groups of guests',
    unit: 'ratio',
    metrics: [],
    empty:
      'Not reported: it takes cgroup v2 and a kernel that counts pressure. The table of guests says why.',
    ofOne: {
      note: 'share of time, of its control group',
      empty: 'Not reported: it takes cgroup v2 and a kernel that counts pressure. The figure above says why.',
    },
    ofGuests: 'guestIoPressureRatio',
  },
  load: {
    title: 'CPU of the host and of its guests',
    note: 'of one core',
    unit: 'ratio',
    metrics: ['hostCpuRatio', 'guestCpuRatio'],
    empty: `CPU time: ${notReported}.`,
  },
  guestCpu: {
    title: 'CPU of each guest',
    note: 'of one core, more than 100 % where several vCPUs work',
    unit: 'ratio',
    metrics: [],
    empty: 'No guest ran in this range, or its CPU time could not be read.',
    ofOne: {
      title: 'CPU of this guest',
      empty: 'This guest did not run in this range, or its CPU time could not be read.',
    },
    ofGuests: 'guestCpuRatio',
  },
  ksm: {
    title: 'KSM pages',
    unit: 'pages',
    metrics: ['pagesSharing', 'pagesShared', 'pagesUnshared', 'pagesVolatile'],
    empty: `KSM: ${notReported}.`,
  },
  policy: {
    title: 'Evicted and came back, over time',
    note: 'since the start of each policy',
    unit: 'bytes',
    metrics: ['policyEvictedBytes', 'policyReturnedBytes'],
    empty: 'No policy ran in this range.',
  },
  merging: {
    title: 'Merged, and still mergeable',
    unit: 'bytes',
    metrics: ['mergedBytes', 'policyPotentialBytes'],
    empty: `KSM: ${notReported}.`,
  },
  breaks: {
    title: 'Merges broken, huge pages split',
    note: 'what merging costs',
    unit: 'perSecond',
    metrics: ['mergeBreaksPerSecond', 'hugePageSplitsPerSecond'],
    empty: `Both: ${notReported}.`,
  },
  cpu: {
    title: 'CPU cost',
    note: 'of one core',
    unit: 'ratio',
    metrics: ['ksmdCpuRatio', 'helperCpuRatio'],
  },
  pressure: {
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
  anonymous: {
    title: 'Anonymous memory and swap',
    unit: 'bytes',
    metrics: ['anonBytes', 'anonHugeBytes', 'swapUsedBytes'],
  },
} as const satisfies Readonly<Record<string, HostChart>>

export type HostChartId = keyof typeof hostCharts

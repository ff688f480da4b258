// The metrics of a host over time: one table, from which follow the sample's schema, the columns of history, their
// roll-up, the labels on screens and the columns of the CSV. docs/adding.md says how to add one.
import { z } from 'zod'
import { bytes, count, perSecond, ratio, seconds } from './quantity.ts'

export type MetricUnit = 'bytes' | 'pages' | 'ratio' | 'seconds' | 'perSecond'

/**
 * - `gauge`: a level. History keeps its mean, least and most.
 * - `counter`: history keeps how much two counters grew (`column`, `per`); the metric is the quotient of their sums, so
 *   that a quiet interval weighs less than a busy one. `complement`: 1 − the quotient.
 * - `step`: known at assessments and scrubs only, unchanged in between.
 */
type Kind =
  | { readonly kind: 'gauge'; readonly sampled?: true }
  | {
      readonly kind: 'counter'
      readonly column: string
      readonly per: string
      readonly complement?: true
    }
  | { readonly kind: 'step' }

export type Metric = Kind & {
  readonly unit: MetricUnit
  readonly label: string
  /** What the figure is and where it comes from; a sentence for screens. */
  readonly source: string
}

/** Gauges that the helper reads as they are. They travel as `gauges` of a sample; absent: this kernel has none. */
const sampledGauges = {
  dirtyBytes: sampled(
    'bytes',
    'Dirty',
    'Dirty of /proc/meminfo: cached pages that have yet to be written to storage.',
  ),
  anonBytes: sampled('bytes', 'Anonymous', 'AnonPages of /proc/meminfo: guest RAM and memory of programs.'),
  anonHugeBytes: sampled(
    'bytes',
    'In huge pages',
    'AnonHugePages of /proc/meminfo: anonymous memory in huge pages, which KSM splits as it merges.',
  ),
  swapUsedBytes: sampled('bytes', 'Swap used', 'SwapTotal less SwapFree of /proc/meminfo.'),
  memorySomePressureRatio: sampled(
    'ratio',
    'Memory, some',
    'Share of the last 10 s in which some task waited for memory: some avg10 of /proc/pressure/memory.',
  ),
  memoryFullPressureRatio: sampled(
    'ratio',
    'Memory, full',
    'Share of the last 10 s in which every task that could run waited for memory: full avg10 of /proc/pressure/memory.',
  ),
  ioSomePressureRatio: sampled(
    'ratio',
    'I/O, some',
    'Share of the last 10 s in which some task waited for storage: some avg10 of /proc/pressure/io.',
  ),
  ioFullPressureRatio: sampled(
    'ratio',
    'I/O, full',
    'Share of the last 10 s in which every task that could run waited for storage: full avg10 of /proc/pressure/io.',
  ),
} as const satisfies Readonly<Record<string, Metric>>

/** Gauges that the workbench works out from a sample (src/main/history/interval.ts). */
const derivedGauges = {
  guestResidentBytes: derived('bytes', 'Guest RAM', 'Resident memory of all guests (RSS of QEMU).'),
  imageCacheBytes: derived('bytes', 'Image cache', 'Host page cache of the guests’ disk images.'),
  otherCacheBytes: derived('bytes', 'Other cache', 'Cached in /proc/meminfo less the image cache.'),
  freeBytes: derived('bytes', 'Free', 'MemFree in /proc/meminfo.'),
  otherUsedBytes: derived('bytes', 'Other used', 'The rest of the host’s memory.'),
  availableBytes: derived('bytes', 'Available', 'MemAvailable in /proc/meminfo.'),
  mergedBytes: derived('bytes', 'Merged', 'Saved by KSM now: (pages_sharing + zero pages) × page size.'),
  pagesShared: derived('pages', 'Shared', 'pages_shared: merged frames in use.'),
  pagesSharing: derived(
    'pages',
    'Sharing',
    'pages_sharing: pages that use those frames in addition; this is what is saved.',
  ),
  pagesUnshared: derived(
    'pages',
    'Unshared',
    'pages_unshared: unique so far; ksmd checks them again in each pass.',
  ),
  policyEvictedBytes: derived(
    'bytes',
    'Evicted',
    'Evicted by the running policy since its start, as its next look confirmed.',
  ),
  policyReturnedBytes: derived(
    'bytes',
    'Came back',
    'Of what the policy evicted, what was read again within its regret window.',
  ),
  policyPotentialBytes: derived(
    'bytes',
    'Still mergeable',
    'Identical, mergeable and not yet merged pages of guests, as the policy measured them last.',
  ),
  pagesVolatile: derived('pages', 'Volatile', 'pages_volatile: pages that change too fast to be merged.'),
} as const satisfies Readonly<Record<string, Metric>>

/** In the order in which a CSV has them. */
export const metrics = {
  ...derivedGauges,
  ...sampledGauges,
  doubleCachedBytes: {
    kind: 'step',
    unit: 'bytes',
    label: 'Double cached',
    source:
      'Image cache whose content a guest holds as well. It is measured by assessments and scrubs, so it moves in steps.',
  },
  reclaimableBytes: {
    kind: 'step',
    unit: 'bytes',
    label: 'Reclaimable',
    source: 'Mergeable + double cached at the last assessment.',
  },
  hitRatio: {
    kind: 'counter',
    column: 'fetchedBytes',
    per: 'askedBytes',
    complement: true,
    unit: 'ratio',
    label: 'All guests',
    source: '1 − bytes fetched from storage / bytes asked for by QEMU.',
  },
  guestReadsPerSecond: {
    kind: 'counter',
    column: 'guestReads',
    per: 'seconds',
    unit: 'perSecond',
    label: 'Guests’ reads',
    source:
      'Read requests of the guests to their disks, a second: rd_operations, counted by QEMU, over all guests whose monitor answers.',
  },
  diskReadsPerSecond: {
    kind: 'counter',
    column: 'diskReads',
    per: 'seconds',
    unit: 'perSecond',
    label: 'Disk reads',
    source:
      'Reads of the disks under the images, a second: /proc/diskstats. What the page cache answers is not in it.',
  },
  guestReadLatencySeconds: {
    kind: 'counter',
    column: 'guestReadSeconds',
    per: 'timedGuestReads',
    unit: 'seconds',
    label: 'Guests’ reads',
    source: 'Mean time of a guest’s read request: rd_total_time_ns / rd_operations, counted by QEMU.',
  },
  diskReadLatencySeconds: {
    kind: 'counter',
    column: 'diskReadSeconds',
    per: 'diskReads',
    unit: 'seconds',
    label: 'Disk reads',
    source: 'Mean time of a read of the disks under the images: /proc/diskstats.',
  },
  ksmdCpuRatio: {
    kind: 'counter',
    column: 'ksmdCpuSeconds',
    per: 'seconds',
    unit: 'ratio',
    label: 'ksmd',
    source: 'CPU time of the kernel’s ksmd, as a share of one core.',
  },
  helperCpuRatio: {
    kind: 'counter',
    column: 'helperCpuSeconds',
    per: 'seconds',
    unit: 'ratio',
    label: 'Helper',
    source: 'CPU time of this workbench’s helper, as a share of one core.',
  },
} as const satisfies Readonly<Record<string, Metric>>

export type MetricName = keyof typeof metrics
export type SampledGaugeName = keyof typeof sampledGauges
export type DerivedGaugeName = keyof typeof derivedGauges
export type GaugeName = SampledGaugeName | DerivedGaugeName
export type StepName = NamesOf<'step'>
export type CounterMetricName = NamesOf<'counter'>
type CounterMetric = (typeof metrics)[CounterMetricName]
/** Increases that history keeps of each interval. */
export type SumName = CounterMetric['column'] | CounterMetric['per']

type NamesOf<K extends Metric['kind']> = {
  [N in MetricName]: (typeof metrics)[N]['kind'] extends K ? N : never
}[MetricName]

export const metricNames = Object.keys(metrics) as MetricName[]
export const metricName = z.enum(metricNames)
export const gaugeNames = metricNames.filter((name): name is GaugeName => metrics[name].kind === 'gauge')
export const sumNames: readonly SumName[] = [
  ...new Set(
    metricNames.flatMap((name): SumName[] => {
      const metric = metrics[name]
      return metric.kind === 'counter' ? [metric.column, metric.per] : []
    }),
  ),
]

const schemas: Readonly<Record<MetricUnit, z.ZodNumber>> = { bytes, pages: count, ratio, seconds, perSecond }
const sampledNames = Object.keys(sampledGauges) as SampledGaugeName[]

/** `gauges` of a sample. */
export const sampledGaugeValues = z.object(
  Object.fromEntries(sampledNames.map((name) => [name, schemas[metrics[name].unit].optional()])) as Readonly<
    Record<SampledGaugeName, z.ZodOptional<z.ZodNumber>>
  >,
)
export type SampledGauges = z.infer<typeof sampledGaugeValues>

function sampled<const U extends MetricUnit>(unit: U, label: string, source: string) {
  return { kind: 'gauge', sampled: true, unit, label, source } as const
}

function derived<const U extends MetricUnit>(unit: U, label: string, source: string) {
  return { kind: 'gauge', unit, label, source } as const
}

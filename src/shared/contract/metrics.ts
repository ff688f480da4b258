// The metrics of a host over time: one table, from which follow the sample's schema, the columns of history, their
// roll-up, the labels on screens and the columns of the CSV. docs/adding.md says how to add one.
import { z } from 'zod'
import { derivedGauges, sampledGauges } from './gauges.ts'
import { type Metric, type MetricUnit, metricErrors } from './metric.ts'
import { bytes, count, perSecond, ratio, seconds } from './quantity.ts'

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
    error:
      'Exact at that moment, by 64-bit hashes; it ages until the next one. Where RAM was sampled, an estimate with its margin.',
  },
  reclaimableBytes: {
    kind: 'step',
    unit: 'bytes',
    label: 'Reclaimable',
    source: 'Mergeable + double cached at the last assessment.',
    error:
      'Exact at that moment, by 64-bit hashes; it ages until the next one. Where RAM was sampled, an estimate with its margin.',
  },
  hitRatio: {
    kind: 'counter',
    column: 'fetchedBytes',
    per: 'askedBytes',
    complement: true,
    unit: 'ratio',
    label: 'All guests',
    source: '1 − bytes fetched from storage / bytes asked for by QEMU.',
    error:
      'Readahead fetches more than was asked for and makes it lower, at worst below 0. Reads by io_uring and native AIO need the guest’s monitor.',
  },
  guestReadsPerSecond: {
    kind: 'counter',
    column: 'guestReads',
    per: 'seconds',
    unit: 'perSecond',
    label: 'Guests’ reads',
    source:
      'Read requests of the guests to their disks, a second: rd_operations, counted by QEMU, over all guests whose monitor answers.',
    error: metricErrors.monitor,
  },
  diskReadsPerSecond: {
    kind: 'counter',
    column: 'diskReads',
    per: 'seconds',
    unit: 'perSecond',
    label: 'Disk reads',
    source:
      'Reads of the disks under the images, a second: /proc/diskstats. What the page cache answers is not in it.',
    error: metricErrors.disk,
  },
  guestReadLatencySeconds: {
    kind: 'counter',
    column: 'guestReadSeconds',
    per: 'timedGuestReads',
    unit: 'seconds',
    label: 'Guests’ reads',
    source: 'Mean time of a guest’s read request: rd_total_time_ns / rd_operations, counted by QEMU.',
    error: 'A mean of all requests: a few slow ones hide in it. Asked every ten seconds.',
  },
  diskReadLatencySeconds: {
    kind: 'counter',
    column: 'diskReadSeconds',
    per: 'diskReads',
    unit: 'seconds',
    label: 'Disk reads',
    source: 'Mean time of a read of the disks under the images: /proc/diskstats.',
    error: 'A mean of all reads, exact to 1 ms in sum; reads of other programs on the same disks are in it.',
  },
  mergeBreaksPerSecond: {
    kind: 'counter',
    column: 'mergeBreaks',
    per: 'seconds',
    unit: 'perSecond',
    label: 'Merges broken',
    source:
      'Merged pages copied again because a guest wrote to them, a second (copy-on-write): cow_ksm of /proc/vmstat.',
    error: 'Exact, of the whole host. Unmerging counts as well; writes to zero pages that KSM placed do not.',
  },
  hugePageSplitsPerSecond: {
    kind: 'counter',
    column: 'hugePageSplits',
    per: 'seconds',
    unit: 'perSecond',
    label: 'Huge pages split',
    source:
      'Huge pages split into small ones, a second: thp_split_page of /proc/vmstat. Merging splits them.',
    error: 'Exact, of the whole host. The kernel splits for other reasons too: memory pressure, migration.',
  },
  hostCpuRatio: {
    kind: 'counter',
    column: 'hostCpuSeconds',
    per: 'seconds',
    unit: 'ratio',
    label: 'Whole host',
    source:
      'CPU time of all processors at work, as a share of one core: /proc/stat. Waiting for storage is not in it.',
    error: metricErrors.cpu,
  },
  guestCpuRatio: {
    kind: 'counter',
    column: 'guestCpuSeconds',
    per: 'seconds',
    unit: 'ratio',
    label: 'All guests',
    source:
      'CPU time of the guests’ QEMU processes, as a share of one core: /proc/PID/stat. Their vCPUs and QEMU’s own work.',
    error: metricErrors.guestCpu,
  },
  ksmdCpuRatio: {
    kind: 'counter',
    column: 'ksmdCpuSeconds',
    per: 'seconds',
    unit: 'ratio',
    label: 'ksmd',
    source: 'CPU time of the kernel’s ksmd, as a share of one core.',
    error: metricErrors.cpu,
  },
  helperCpuRatio: {
    kind: 'counter',
    column: 'helperCpuSeconds',
    per: 'seconds',
    unit: 'ratio',
    label: 'Helper',
    source: 'CPU time of this workbench’s helper, as a share of one core.',
    error: metricErrors.cpu,
  },
} as const satisfies Readonly<Record<string, Metric>>

/** Source and error of a metric: what screens and documents say of it. */
export function aboutMetric(name: MetricName): string {
  return `${metrics[name].source} ${metrics[name].error}`
}

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

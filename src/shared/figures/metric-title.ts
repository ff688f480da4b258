// What a metric is called where no chart's title stands around its label.
import { type MetricName, metrics } from '../contract/metrics.ts'

const titles: Partial<Readonly<Record<MetricName, string>>> = {
  guestResidentBytes: 'Guest RAM (RSS)',
  freeBytes: 'Free memory',
  availableBytes: 'Available memory',
  otherUsedBytes: 'Other memory used',
  mergedBytes: 'Saved by KSM',
  pagesShared: 'KSM pages shared',
  pagesSharing: 'KSM pages sharing',
  pagesUnshared: 'KSM pages unshared',
  pagesVolatile: 'KSM pages volatile',
  dirtyBytes: 'Dirty cache',
  anonBytes: 'Anonymous memory',
  anonHugeBytes: 'Anonymous memory in huge pages',
  memorySomePressureRatio: 'Memory pressure, some',
  memoryFullPressureRatio: 'Memory pressure, full',
  ioSomePressureRatio: 'I/O pressure, some',
  ioFullPressureRatio: 'I/O pressure, full',
  hitRatio: 'Hit ratio of all guests',
  guestReadLatencySeconds: 'Time of a guest’s read',
  diskReadLatencySeconds: 'Time of a disk’s read',
  mergeBreaksPerSecond: 'Merged pages broken by writes',
  guestReadsPerSecond: 'Reads of guests',
  diskReadsPerSecond: 'Reads of disks',
  hostCpuRatio: 'CPU of the host',
  guestCpuRatio: 'CPU of all guests',
  ksmdCpuRatio: 'CPU of ksmd',
  helperCpuRatio: 'CPU of the helper',
}

/** Its title, or else its label. */
export function metricTitle(name: MetricName): string {
  return titles[name] ?? metrics[name].label
}

const better: Partial<Readonly<Record<MetricName, 'less' | 'more'>>> = {
  availableBytes: 'more',
  mergedBytes: 'more',
  hitRatio: 'more',
  swapUsedBytes: 'less',
  mergeBreaksPerSecond: 'less',
  hugePageSplitsPerSecond: 'less',
  ksmdCpuRatio: 'less',
  helperCpuRatio: 'less',
  memorySomePressureRatio: 'less',
  memoryFullPressureRatio: 'less',
  ioSomePressureRatio: 'less',
  ioFullPressureRatio: 'less',
}

/** Which way is a gain; undefined: neither. */
export function betterOf(name: MetricName): 'less' | 'more' | undefined {
  return better[name]
}

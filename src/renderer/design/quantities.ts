// How charts show the metrics of src/shared/contract/metrics.ts: the same colour on every screen, and units.
import { aboutMetric, type MetricName, type MetricUnit, metrics } from '../../shared/contract/index.ts'
import { formatBytes, formatCount, formatLatency, formatPerSecond, formatRatio } from '../../shared/units.ts'

export interface Quantity {
  readonly label: string
  readonly color: string
  /** What the figure is and where it comes from. */
  readonly about: string
}

export const lineColors = [1, 2, 3, 4, 5, 6].map((n) => `var(--q-line-${n})`)

/** Of those that stand for the same thing on several screens; the others take the next colour of their chart. */
const colors: Partial<Readonly<Record<MetricName, string>>> = {
  guestResidentBytes: 'var(--q-guest)',
  imageCacheBytes: 'var(--q-image-cache)',
  otherCacheBytes: 'var(--q-other-cache)',
  otherUsedBytes: 'var(--q-other-used)',
  freeBytes: 'var(--q-free)',
  availableBytes: 'var(--q-available)',
  mergedBytes: 'var(--q-merged)',
  doubleCachedBytes: 'var(--q-double-cached)',
  reclaimableBytes: 'var(--q-reclaimable)',
  policyEvictedBytes: 'var(--q-reclaimable)',
  policyReturnedBytes: 'var(--q-double-cached)',
  policyPotentialBytes: 'var(--q-other-used)',
  pagesShared: 'var(--q-shared)',
  pagesSharing: 'var(--q-merged)',
  pagesUnshared: 'var(--q-unshared)',
  pagesVolatile: 'var(--q-volatile)',
  hitRatio: 'var(--q-available)',
  diskReadsPerSecond: 'var(--q-other-used)',
  diskReadLatencySeconds: 'var(--q-other-used)',
  hostCpuRatio: 'var(--q-other-used)',
  guestCpuRatio: 'var(--q-guest)',
  ksmdCpuRatio: 'var(--q-cpu-ksmd)',
  helperCpuRatio: 'var(--q-cpu-helper)',
}

/** `position`: its place in the chart. */
export function quantityOf(name: MetricName, position: number): Quantity {
  const { label } = metrics[name]
  const color = colors[name] ?? lineColors[position % lineColors.length] ?? 'var(--q-line-1)'
  return { label, color, about: aboutMetric(name) }
}

export type Unit = MetricUnit

export function formatIn(unit: Unit, value: number): string {
  return formats[unit](value)
}

const formats: Readonly<Record<Unit, (value: number) => string>> = {
  bytes: formatBytes,
  pages: formatCount,
  ratio: formatRatio,
  seconds: formatLatency,
  perSecond: formatPerSecond,
}

/** For an axis: 1200000 pages -> "1.2 M". */
export function formatTick(unit: Unit, value: number): string {
  if (unit !== 'pages') return formatIn(unit, value)
  if (value >= 1e6) return `${Number((value / 1e6).toFixed(1))} M`
  return value >= 1e3 ? `${Number((value / 1e3).toFixed(1))} k` : formatCount(value)
}

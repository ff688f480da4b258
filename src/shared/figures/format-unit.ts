// A figure in the unit of its metric.
import type { MetricUnit } from '../contract/metric.ts'
import { formatBytes, formatCount, formatLatency, formatPerSecond, formatRatio } from '../units.ts'

/** Pure. */
export function formatUnit(unit: MetricUnit | 'count', value: number): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(value)
    case 'ratio':
      return formatRatio(value)
    case 'seconds':
      return formatLatency(value)
    case 'perSecond':
      return formatPerSecond(value)
    default:
      return formatCount(value)
  }
}

import type { ForecastEstimate } from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'

/** "1.2 GiB (1.1 GiB to 1.3 GiB)"; without bounds where every content was compared. */
export function describeEstimate({ bytes, low, high }: ForecastEstimate): string {
  return low === high
    ? formatBytes(bytes)
    : `${formatBytes(bytes)} (${formatBytes(low)} to ${formatBytes(high)})`
}

import { formatSeconds } from '../../shared/units.ts'

const hourMs = 3_600_000

/** "30 days", "6 h 0 min". */
export function describeRange(milliseconds: number): string {
  const hours = milliseconds / hourMs
  return hours >= 48 ? `${Math.round(hours / 24)} days` : formatSeconds(milliseconds / 1000)
}

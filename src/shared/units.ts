// Formats for bytes, pages, ratios and durations: binary units, one style on every screen and in every report.

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** 1536 -> "1.5 KiB"; three significant digits, never rounds to a bare "0" when there is something. */
export function formatBytes(bytes: number): string {
  const sign = bytes < 0 ? '−' : ''
  let value = Math.abs(bytes)
  let unit = 0
  while (value >= 1023.5 && unit < byteUnits.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${sign}${trimZeros(value.toFixed(digits))} ${byteUnits[unit]}`
}

/** 0.1234 -> "12.3 %". */
export function formatRatio(ratio: number): string {
  const percent = ratio * 100
  return `${trimZeros(percent.toFixed(Math.abs(percent) >= 99.95 ? 0 : 1))} %`
}

/** 0.12 -> "12.0 %": one digit always, where a value stands beside its bound. */
export function formatPercent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`
}

/** 93.4 -> "1 min 33 s"; 0.042 -> "42 ms". */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 60) return `${trimZeros(seconds.toFixed(seconds < 10 ? 2 : 1))} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** A mean time of reads: 0.0000523 -> "52.3 µs"; 0.0042 -> "4.2 ms"; 0 only for 0. */
export function formatLatency(seconds: number): string {
  const [value, unit] =
    seconds < 1e-3 ? [seconds * 1e6, 'µs'] : seconds < 1 ? [seconds * 1e3, 'ms'] : [seconds, 's']
  return `${formatThreeDigits(value)} ${unit}`
}

/** 1234.5 -> "1,235/s"; 0.05 -> "0.05/s". */
export function formatPerSecond(perSecond: number): string {
  return `${formatThreeDigits(perSecond)}/s`
}

function formatThreeDigits(value: number): string {
  if (value >= 99.95) return formatCount(value)
  return trimZeros(value.toFixed(value >= 9.995 ? 1 : 2))
}

// Made once: `toLocaleString` makes one for each number, which takes longer than all else of a figure.
const wholeNumber = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** 12345 -> "12,345"; rounds to a whole number. */
export function formatCount(count: number): string {
  return wholeNumber.format(count)
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

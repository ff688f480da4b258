// Words of the command line that several commands read alike. Pure.
import { Problem } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'

/** `90`, `90s`, `15m` or `2h`, in seconds. */
export function parseDuration(text: string): number {
  const [, digits, unit = 's'] = /^([1-9]\d{0,6})([smh])?$/.exec(text) ?? []
  if (digits === undefined) throw wrong(`"${text}" is not a duration: write 90s, 15m or 2h`)
  return Number(digits) * { s: 1, m: 60, h: 3600 }[unit as 's' | 'm' | 'h']
}

/** Without repeats. Throws `bad-input` where none is named. */
export function someHosts(verb: string, hosts: readonly string[]): readonly string[] {
  if (hosts.length === 0) throw wrong(`${verb} needs at least one host; this machine is "local"`)
  return [...new Set(hosts)]
}

/** What is wrong with the command line. */
export function wrong(reason: string, cause?: unknown): Problem {
  return new Problem('bad-input', `cannot read the command line: ${reason}`, {
    remedy: 'See --help.',
    ...withValue({ cause }),
  })
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const longestDays = 366

/** `90m`, `24h` or `7d`, in milliseconds. */
export function parseRange(text: string): number {
  const [, digits, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? []
  const milliseconds = Number(digits) * unitMs[unit as keyof typeof unitMs]
  if (digits === undefined || milliseconds > longestDays * unitMs.d) {
    throw wrong(`"${text}" is not a range: write 90m, 24h or 7d, up to ${longestDays}d`)
  }
  return milliseconds
}

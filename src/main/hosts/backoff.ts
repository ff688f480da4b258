// When to try a host again: 1 s, doubling to 60 s, each with jitter so that a fleet does not come back at once.
import type { ProblemCode } from '../../shared/problem.ts'

const firstMs = 1000
const longestMs = 60_000

/** After `failures` failed attempts in a row (0 for the first): 1 to 2 s, 2 to 4 s … 30 to 60 s. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const longest = Math.min(longestMs, 2 * firstMs * 2 ** Math.min(failures, 16))
  return Math.round(longest * (0.5 + random() / 2))
}

const needsPerson: ReadonlySet<ProblemCode> = new Set([
  'host-key-unknown',
  'host-key-changed',
  'host-key-revoked',
  'authentication-failed',
  'cancelled',
  'bad-input',
  'not-permitted',
  'not-supported',
])

/** Another attempt would not help, or would lock an account: a person has to act first. */
export function needsPersonFirst(code: ProblemCode): boolean {
  return needsPerson.has(code)
}

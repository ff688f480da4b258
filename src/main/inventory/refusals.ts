// Why an inventory cannot be read.
import { Problem } from '../../shared/problem.ts'

/** Counted from 1. */
export function badLine(line: number, reason: string, cause?: unknown): Problem {
  const text = `cannot read line ${line} of the inventory: ${reason.slice(0, 1000)}`
  return new Problem('bad-input', text, { cause })
}

/** `line`: where the limit was passed. */
export function tooManyHosts(limit: number, line?: number): Problem {
  const where = line === undefined ? '' : ` from line ${line} on`
  return new Problem('bad-input', `cannot read the inventory${where}: more than ${limit} hosts`)
}

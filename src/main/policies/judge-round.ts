// Whether a round of a policy is a reason to stop its roll-out. Pure.
import type { GuardReading, PolicyRound } from '../../shared/contract/index.ts'
import { describeGuard } from '../../shared/text/policy-text.ts'
import { formatPercent } from '../../shared/units.ts'

/** ksmd's CPU is kept to its budget by the governor itself, so being near it is no harm. */
const judged: readonly GuardReading['name'][] = [
  'regret of streams',
  'regret of other pages',
  'reads from storage',
  'read latency',
]

/**
 * `first`: the first round of this run, against which pressure is judged: a host that was short of memory before
 * trips only where that has doubled. undefined: go on.
 */
export function whyTripped(
  round: PolicyRound,
  first: PolicyRound,
  pressureRatio: number,
): string | undefined {
  const guard = round.guards.find((one) => judged.includes(one.name) && isBeyond(one))
  if (guard !== undefined) return `a guard tripped: ${describeGuard(guard)}`
  const pressure = round.memoryPressureRatio
  const before = first.memoryPressureRatio ?? 0
  if (pressure === undefined || pressure <= Math.max(pressureRatio, 2 * before)) return undefined
  return `a guard tripped: memory pressure: ${formatPercent(pressure)}, bound ${formatPercent(pressureRatio)} (${formatPercent(before)} at the start)`
}

function isBeyond({ value, bound, pausedSeconds }: GuardReading): boolean {
  return pausedSeconds !== undefined || (value !== undefined && value > bound)
}

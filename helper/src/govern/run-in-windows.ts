// Keeps a policy to its schedule: at work inside its windows, everything put back outside them.

import type { Policy, PolicySchedule } from '../../../src/shared/contract/policies.ts'
import type { PolicyRun } from '../../../src/shared/contract/policy-runs.ts'
import { findNextChange, isWithinWindows, localClock } from '../../../src/shared/policies/policy-schedule.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { withValue } from '../../../src/shared/with-value.ts'

/** The clock of the host may step, so it is looked at this often. */
const lookSeconds = 10

/** As /etc/localtime or TZ has it when the helper starts, by its IANA name. */
export function hostTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Whether the policy is at work at this time of day. */
export function isOpenNow({ schedule }: Policy): boolean {
  return schedule === undefined || isWithinWindows(schedule, localClock(hostTimeZone()), wallClock())
}

export interface WindowsParts {
  readonly signal: AbortSignal
  readonly timeZone: string
  /** Milliseconds since the epoch on the wall clock: windows are times of day. */
  readonly wallClock: () => number
  /** Resolves after the time, or at once when the signal is aborted. */
  readonly sleep: (seconds: number, signal: AbortSignal) => Promise<void>
  /** undefined: it is at work again. */
  readonly onRest: (resting: PolicyRun['resting']) => void
}

/**
 * Runs `work` in each window; its signal is aborted at the end of the window, and `work` puts back what it changed
 * before it returns. Without a schedule it is run once. Returns when the signal is aborted or `work` ends by itself.
 */
export async function runInWindows(
  schedule: PolicySchedule | undefined,
  parts: WindowsParts,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { signal, timeZone, wallClock, sleep, onRest } = parts
  if (schedule === undefined) return work(signal)
  const clock = localClock(timeZone)
  const isOpen = () => isWithinWindows(schedule, clock, wallClock())
  while (!signal.aborted) {
    if (!isOpen()) {
      const until = findNextChange(schedule, clock, wallClock())
      onRest({ timeZone, ...withValue({ until }) })
      while (!signal.aborted && !isOpen()) await sleep(lookSeconds, signal)
      continue
    }
    onRest(undefined)
    const window = new AbortController()
    const watched = AbortSignal.any([signal, window.signal])
    const watch = async () => {
      while (!watched.aborted && isOpen()) await sleep(lookSeconds, watched)
      window.abort()
    }
    const watching = watch()
    let isOver = false
    try {
      await work(watched)
      isOver = !window.signal.aborted
    } finally {
      window.abort()
      await watching
    }
    // It ended by itself, not with its window.
    if (isOver) return
  }
}

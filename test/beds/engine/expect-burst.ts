// What a burst must have brought of what was measured before it.
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Assessment } from '../../../src/shared/contract/assessment.ts'
import type { KsmStatus } from '../../../src/shared/contract/ksm.ts'
import { expectClose } from './expect-truth.ts'

/** Ended as realised, and brought it. */
export function expectRealised(before: Assessment, ended: KsmStatus, after: Assessment): void {
  console.log(`${ended.burst?.state} after ${ended.burst?.wholePasses} passes`)
  expectFreed(before, after)
  expect(ended.burst?.state).toBe('realised')
}

/** At least 95 % is freed, nothing worth a burst is left, and the kernel's counters agree. */
export function expectFreed(before: Assessment, after: Assessment): void {
  const measured = before.totals.mergeableBytes
  const freed = savedBytes(after) - savedBytes(before)
  const [resident, left] = [after.totals.guestResidentBytes, after.totals.mergeableBytes]
  console.log(
    `${toMiB(freed)} of ${toMiB(measured)} MiB freed, ${toMiB(left)} left; ` +
      `resident ${toMiB(before.totals.guestResidentBytes)}, then ${toMiB(resident)}`,
  )
  expect(freed).toBeGreaterThanOrEqual(0.95 * measured)
  expect(left).toBeLessThanOrEqual(0.05 * measured)
  expectClose(after.totals.mergedBytes, readKsmSavedBytes(), "merged, by KSM's counters")
}

/** What merging and splitting have given back. */
export function savedBytes({ totals }: Pick<Assessment, 'totals'>): number {
  return totals.mergedBytes + totals.freedZeroBytes
}

/** What KSM saves on the whole machine, by its own counters: that of a lab, where its guests are the only ones. */
export function readKsmSavedBytes(): number {
  const read = (name: string) => Number(readFileSync(`/sys/kernel/mm/ksm/${name}`, 'utf8'))
  return (read('pages_sharing') + read('ksm_zero_pages')) * 4096
}

function toMiB(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}

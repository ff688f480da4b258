// Prepares the scan of all guests.
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import type { Guest } from '../guests/guests.ts'
import { processProblem } from '../kernel/system-error.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import { type PreparedScan, prepareScan } from './guest-ram-scan.ts'
import { dropProgramPages } from './program-pages.ts'

export interface PreparedGuests {
  readonly prepared: PreparedScan[]
  readonly unreadable: Unreadable[]
}

/** A guest that cannot be read is data beside the others. */
export async function prepareGuests(guests: readonly Guest[], options: ScanOptions): Promise<PreparedGuests> {
  await dropProgramPages(options.root)
  const prepared: PreparedScan[] = []
  const unreadable: Unreadable[] = []
  for (const guest of guests) {
    try {
      prepared.push(await prepareScan(guest, options))
    } catch (error) {
      unreadable.push(describeUnreadable(guest, error))
    }
  }
  return { prepared, unreadable }
}

export function describeUnreadable(guest: Guest, error: unknown): Unreadable {
  const problem = processProblem(error, `scan guest ${guest.name} (pid ${guest.pid})`)
  return { path: `/proc/${guest.pid}`, problem: problem.toData() }
}

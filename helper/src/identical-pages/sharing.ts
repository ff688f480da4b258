// The sharing matrix: for each pair of guests, and each guest with itself, the pages whose content both hold.
import type { SharedPair } from '../../../src/shared/contract/guests.ts'
import { pageSize } from '../kernel/page-size.ts'
import type { SnapshotGuest } from './snapshot.ts'
import type { SnapshotSummary } from './summarize.ts'

/** Pairs that share nothing are left out, and all where there are too many guests to tell them apart. */
export function summarizeSharing(
  guests: readonly Pick<SnapshotGuest, 'index' | 'prepared'>[],
  summary: Pick<SnapshotSummary, 'sharedPages'>,
): SharedPair[] {
  return guests.flatMap((guest, at) =>
    guests.slice(at).flatMap((other) => {
      const { identical, zero } = summary.sharedPages(guest.index, other.index)
      const [a, b] = [guest.prepared.guest.pid, other.prepared.guest.pid]
      return identical === 0
        ? []
        : [{ a, b, identicalBytes: identical * pageSize, zeroBytes: zero * pageSize }]
    }),
  )
}

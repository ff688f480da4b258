// Guests: QEMU processes and what their RAM holds.
import { z } from 'zod'
import { listOf, most } from './bounded.ts'
import { objectOf } from './object-of.ts'
import { bytes, name, pid, reason } from './quantity.ts'

/**
 * Whether KSM may merge a guest's RAM (VmFlags `mg`), not whether it does. partly: of some RAM only.
 * never: all of it is shared memory or reserved huge pages.
 */
export const guestMerging = z.enum(['on', 'off', 'partly', 'never'])
export type GuestMerging = z.infer<typeof guestMerging>

/** What came of switching one guest's merging. */
export const guestSwitch = objectOf(() => ({
  pid,
  name,
  before: guestMerging,
  after: guestMerging,
  /** How its monitor was reached. */
  via: z.string().max(4096),
}))
export type GuestSwitch = z.infer<typeof guestSwitch>

/** Name of the user as whom its process runs, or `uid 1000`. */
export const guestUser = name

export const assessedGuest = objectOf(() => ({
  pid,
  name,
  /** Absent: an earlier helper wrote the document. */
  user: guestUser.optional(),
  /** Size of the guest's RAM: memory that is mapped for it, but not plugged yet, left out. */
  ramBytes: bytes,
  /** What it may be given beside, without a restart: by virtio-mem devices, or as DIMMs. Absent: nothing known of. */
  pluggableBytes: bytes.optional(),
  /** Size of what KSM may merge beside RAM: video memory, ROMs. The figures below cover it too. Absent: none. */
  otherBlocksBytes: bytes.optional(),
  /** Present pages of RAM and other blocks (swapped pages are not read). */
  residentBytes: bytes,
  /** Present pages that hold only zeros. */
  zeroBytes: bytes,
  /** Saved now by KSM, (k−1)/k of a page for each of the k sites of a merged frame; sums to the host's saving. */
  mergedBytes: bytes,
  /**
   * Pages that map the kernel's zero page without KSM counting them: zero pages of huge pages that merging split
   * (mm/huge_memory.c, Linux >= 6.12), or memory that was only read so far. They cost no frame.
   */
  freedZeroBytes: bytes,
  /** Pages whose content occurs elsewhere in the scanned guests. */
  identicalBytes: bytes,
  /** What KSM would free: per content group (distinct mergeable page frames − 1), shared out over its frames. */
  mergeableBytes: bytes,
  /** Guest pages whose content is resident in the host's page cache of an image that the guest has open. */
  doubleCachedBytes: bytes,
  why: listOf(reason, most.reasons),
}))
export type AssessedGuest = z.infer<typeof assessedGuest>

/** On a host with more guests, which of them share with which is not told. */
export const maxGuestsToldApart = 256

/** Pages of `a` whose content `b` holds too (a = b: within the guest). Order: a's index ≤ b's index. */
export const sharedPair = objectOf(() => ({ a: pid, b: pid, identicalBytes: bytes, zeroBytes: bytes }))
export type SharedPair = z.infer<typeof sharedPair>

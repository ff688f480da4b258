// Assess: the read-only document that says what a host could give back.
import { z } from 'zod'
import { listOf, most } from './bounded.ts'
import { assessedGuest, sharedPair } from './guests.ts'
import { assessedImage } from './images.ts'
import { objectOf } from './object-of.ts'
import { arrivedAt, bytes, cost, count, instant, name, ratio, unreadable } from './quantity.ts'

/** Tells whether two hosts are one machine. Source: /proc/sys/kernel/random/boot_id and /proc/self/ns/pid. */
export const machine = objectOf(() => ({
  bootId: name,
  /** Hosts of one kernel that have it in common see the same processes, so the same guests. */
  pidNamespace: name.optional(),
}))
export type Machine = z.infer<typeof machine>

export const hostFacts = objectOf(() => ({
  hostname: name,
  kernel: name,
  /** Absent: this kernel has no boot id to read, or an earlier helper wrote the document. */
  machine: machine.optional(),
  pageSize: count,
  memTotalBytes: bytes,
  memAvailableBytes: bytes,
}))
export type HostFacts = z.infer<typeof hostFacts>

export const assessment = objectOf(() => ({
  /** By the host's clock. */
  at: instant,
  arrivedAt,
  host: hostFacts,
  guests: listOf(assessedGuest, most.guests),
  images: listOf(assessedImage, most.images),
  sharing: listOf(sharedPair, most.pairs),
  totals: z.object({
    guestResidentBytes: bytes,
    mergeableBytes: bytes,
    mergedBytes: bytes,
    freedZeroBytes: bytes,
    imageCacheBytes: bytes,
    doubleCachedBytes: bytes,
    /** In images' cache, held only by guests that do not vouch for it. Absent: as for images. */
    heldByOthersBytes: bytes.optional(),
    /** mergeable + double cached. */
    reclaimableBytes: bytes,
  }),
  /**
   * Present where the host is too big to compare every page: only this share of all contents was, each with all its
   * pages. Resident and zero pages are still counted; other figures are estimates. `mergeableBytes` of the
   * totals is within the margin in 95 of 100 assessments.
   */
  sampling: z.object({ ratio, mergeableMarginBytes: bytes }).optional(),
  cost,
  unreadable: listOf(unreadable, most.unreadable),
}))
export type Assessment = z.infer<typeof assessment>

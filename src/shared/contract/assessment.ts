// Assess: the read-only document that says what a host could give back.
import { z } from 'zod'
import { assessedGuest, sharedPair } from './guests.ts'
import { assessedImage } from './images.ts'
import { bytes, cost, count, instant, name, unreadable } from './quantity.ts'

export const hostFacts = z.object({
  hostname: name,
  kernel: name,
  pageSize: count,
  memTotalBytes: bytes,
  memAvailableBytes: bytes,
})
export type HostFacts = z.infer<typeof hostFacts>

export const assessment = z.object({
  at: instant,
  host: hostFacts,
  guests: z.array(assessedGuest),
  images: z.array(assessedImage),
  sharing: z.array(sharedPair),
  totals: z.object({
    guestResidentBytes: bytes,
    mergeableBytes: bytes,
    mergedBytes: bytes,
    freedZeroBytes: bytes,
    imageCacheBytes: bytes,
    doubleCachedBytes: bytes,
    /** mergeable + double cached. */
    reclaimableBytes: bytes,
  }),
  cost,
  unreadable: z.array(unreadable),
})
export type Assessment = z.infer<typeof assessment>

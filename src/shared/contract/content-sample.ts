// A salted sample of guests' contents, of which a forecast across hosts is made.
import { z } from 'zod'
import { listOf, most } from './bounded.ts'
import { objectOf } from './object-of.ts'
import { bytes, count, name, pid, unreadable } from './quantity.ts'

/** Hashes of all guests of one host together. */
export const maxSampledHashes = 2 ** 18

export const contentSampling = z.object({
  /** 8 bytes in hexadecimal digits: hashes compare only where it is the same. */
  salt: z.string().regex(/^[0-9a-f]{16}$/),
  /** Smallest hashes kept of each guest. */
  perGuest: count.min(16).max(16_384),
})
export type ContentSampling = z.infer<typeof contentSampling>

export const sampledContents = objectOf(() => ({
  pageSize: count,
  guests: listOf(
    z.object({
      pid,
      name,
      /** Present pages that KSM may merge, zeros aside. */
      pages: count,
      residentBytes: bytes,
      /** The smallest different hashes of these pages, ascending, 8 bytes each, big-endian, in base64. */
      hashes: z.string().max(16_384 * 11 + 16),
      /** All of its contents are among them. */
      isComplete: z.boolean(),
    }),
    most.guests,
  ),
  unreadable: listOf(unreadable, most.unreadable),
}))
export type SampledContents = z.infer<typeof sampledContents>

// Page cache: scrubbing evicts clean pages of images that a guest holds, by content.
import { z } from 'zod'
import { listOf, most } from './bounded.ts'
import { imageId } from './images.ts'
import { objectOf } from './object-of.ts'
import { arrivedAt, bytes, cost, instant, path, reason, unreadable } from './quantity.ts'

export const scrubParams = z.object({
  /**
   * Absent: all images of all guests. Each must be an image of a guest: its identity, a path as the guest sees it, or a path
   * of the host (links are followed, and names of block devices are).
   */
  images: z.array(path).max(10_000).optional(),
  /** Write dirty pages back first (sync_file_range) so that they can be evicted too. */
  flushDirty: z.boolean().optional(),
  /** All clean pages, whoever holds them: guests read them from storage again. For experiments from cold caches. */
  everything: z.boolean().optional(),
})
export type ScrubParams = z.infer<typeof scrubParams>

const scrubbedImage = objectOf(() => ({
  path,
  id: imageId.optional(),
  residentBeforeBytes: bytes,
  residentAfterBytes: bytes,
  /** Measured: went from resident to not resident by this scrub (dry run: would be evicted). */
  evictedBytes: bytes,
  keptDirtyBytes: bytes,
  /** Resident pages whose content no scanned guest holds. */
  keptUniqueBytes: bytes,
  /** Those whose content only guests hold that do not vouch for the image. Absent: an earlier helper wrote it. */
  heldByOthersBytes: bytes.optional(),
  skipped: reason.optional(),
}))
export type ScrubbedImage = z.infer<typeof scrubbedImage>

export const scrubResult = objectOf(() => ({
  /** By the host's clock. */
  at: instant,
  arrivedAt,
  dryRun: z.boolean(),
  images: listOf(scrubbedImage, most.images),
  totals: z.object({
    residentBeforeBytes: bytes,
    residentAfterBytes: bytes,
    evictedBytes: bytes,
    keptDirtyBytes: bytes,
    keptUniqueBytes: bytes,
    heldByOthersBytes: bytes.optional(),
  }),
  cost,
  unreadable: listOf(unreadable, most.unreadable),
}))
export type ScrubResult = z.infer<typeof scrubResult>

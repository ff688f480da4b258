// Images: guests' disk images and what the host's page cache holds of them.
import { z } from 'zod'
import { listOf, most } from './bounded.ts'
import { objectOf } from './object-of.ts'
import { bytes, path, pid, reason } from './quantity.ts'

const imageFormat = z.enum(['raw', 'qcow2', 'block-device', 'other'])
/** From the open flags of QEMU's descriptor: O_DIRECT means the page cache is bypassed. */
const cacheMode = z.enum(['buffered', 'direct'])

/** Device, inode and generation: one image, whatever its path is. Absent: an earlier helper wrote the document. */
export const imageId = z.string().min(1).max(128)

export const assessedImage = objectOf(() => ({
  /** As the guest's process sees it; in another mount namespace it may be another image's. */
  path,
  id: imageId.optional(),
  format: imageFormat,
  guests: listOf(pid, most.guests),
  cacheMode,
  residentBytes: bytes,
  dirtyBytes: bytes.optional(),
  /**
   * Resident page-cache bytes whose content is held by a guest that has the image open, as a disk or below one. A guest
   * that KSM may not merge, or that a policy keeps apart, counts only where nobody else has the image open.
   */
  doubleCachedBytes: bytes,
  /** Those whose content only other guests hold: never evicted for it. Absent: an earlier helper wrote the document. */
  heldByOthersBytes: bytes.optional(),
  /** Present when there is nothing to scrub by nature (cache=none, not in the page cache). */
  notApplicable: reason.optional(),
  why: listOf(reason, most.reasons),
}))
export type AssessedImage = z.infer<typeof assessedImage>

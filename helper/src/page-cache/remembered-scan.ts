// What the caller keeps from one scan of guests and images to the next.
import type { Remembered } from '../identical-pages/scan/scan.ts'
import type { KnownContents } from './known-contents.ts'

export interface RememberedScan extends Remembered {
  /** Absent: each scan reads all cached pages of images again. */
  readonly knownContents?: KnownContents
}

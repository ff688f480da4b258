// Images: the files and block devices that guests' QEMU processes hold open as disks.
import type { AssessedImage } from '../../src/shared/contract/images.ts'
import type { Unreadable } from '../../src/shared/contract/quantity.ts'
import { Problem } from '../../src/shared/problem.ts'
import type { Guest } from './guests.ts'
import type { KernelRoot } from './kernel-root.ts'

export interface Image {
  /** Device and inode: one image, whatever the path is in each mount namespace. */
  readonly id: string
  /** As the guest's process sees it. */
  readonly path: string
  /** `/proc/<pid>/fd/<n>`: opens it across mount namespaces, and after it was unlinked. */
  readonly openPath: string
  readonly format: AssessedImage['format']
  readonly cacheMode: AssessedImage['cacheMode']
  readonly sizeBytes: number
  readonly guests: readonly number[]
}

export interface ListedImages {
  readonly images: Image[]
  readonly unreadable: Unreadable[]
}

/** Cheap: links, descriptors' flags and the first bytes of each file. */
export async function listImages(_root: KernelRoot, _guests: readonly Guest[]): Promise<ListedImages> {
  throw new Problem('not-supported', 'cannot list images: not built yet')
}

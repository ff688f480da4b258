// A guest's image, as it is found.
import type { AssessedImage } from '../../../src/shared/contract/images.ts'
import type { Reason, Unreadable } from '../../../src/shared/contract/quantity.ts'
import type { DescriptorPlace } from './open-descriptor.ts'

export interface Image {
  /** Device, inode and generation: one image, whatever its path is in each mount namespace. */
  readonly id: string
  /** As the guest's process sees it. */
  readonly path: string
  /** The path, with more where another image has the same one in another mount namespace. Unique among those listed. */
  readonly label: string
  /** Descriptors that it is open through, across mount namespaces, also after it was unlinked. */
  readonly places: readonly DescriptorPlace[]
  readonly format: AssessedImage['format']
  readonly cacheMode: AssessedImage['cacheMode']
  readonly sizeBytes: number
  readonly guests: readonly number[]
  /** Why there is nothing to scrub by nature. */
  readonly notApplicable?: Reason
}

export interface ListedImages {
  readonly images: Image[]
  readonly unreadable: Unreadable[]
}

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

/** Places of a base image that hundreds of guests share: one is enough while its guest runs. */
const maxPlaces = 16

/** One image that several descriptors or guests have open: buffered if any of them is. */
export function mergeImages(known: Image | undefined, other: Image): Image {
  if (known === undefined) return other
  const guests = [...new Set([...known.guests, ...other.guests])]
  const places = [...known.places, ...other.places].slice(0, maxPlaces)
  return { ...(known.cacheMode === 'direct' ? other : known), guests, places }
}

export interface ListedImages {
  readonly images: Image[]
  readonly unreadable: Unreadable[]
}

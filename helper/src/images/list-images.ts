// Images: the files and block devices that guests' QEMU processes hold open as disks.
import { setImmediate } from 'node:timers/promises'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { imageLabels } from '../../../src/shared/image-labels.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { MountTable } from '../kernel/mount-table.ts'
import { DescriptorReader } from './descriptor-reader.ts'
import { type ListedDescriptors, listDescriptors } from './guest-descriptors.ts'
import type { Image, ListedImages } from './image.ts'

/** More than a host has; a scrub names no more. */
const maxImages = 10_000
/** Places of a base image that hundreds of guests share: one is enough while its guest runs. */
const maxPlaces = 16

/** Lists anew each time. See ImageRoster. */
export function listImages(root: KernelRoot, guests: readonly Guest[]): Promise<ListedImages> {
  return new ImageRoster(root).list(guests)
}

/** What is known of a guest's descriptors: as long as the same ones are open, the same images are. */
interface KnownGuest {
  readonly signature: string
  readonly images: readonly Image[]
  readonly unreadable: readonly Unreadable[]
}

/**
 * A guest's image is a regular file or block device that its QEMU process has open for reading (so no log), not for
 * appending, and that an option for disks names, or that carries the mark of a disk format, or that is of 1 MiB and more,
 * or of whole sectors. What the process has mapped is its RAM, and no image. Cheap: links of descriptors, and where they
 * changed their flags and the first bytes of each file.
 */
export class ImageRoster {
  readonly #root: KernelRoot
  #known = new Map<number, KnownGuest>()

  constructor(root: KernelRoot) {
    this.#root = root
  }

  /** Guests whose descriptors stand as they did are not looked at again, except `anew`. */
  async list(guests: readonly Guest[], anew = false): Promise<ListedImages> {
    const known = new Map<number, KnownGuest>()
    const reader = new DescriptorReader(this.#root, new MountTable(this.#root))
    for (const guest of guests) {
      const listed = listDescriptors(this.#root, guest)
      const before = anew ? undefined : this.#known.get(guest.pid)
      const isSame = before?.signature === listed.signature
      known.set(guest.pid, isSame && before ? before : await lookAtGuest(reader, guest, listed))
    }
    this.#known = known
    return joinGuests([...known.values()])
  }
}

/** Descriptors between two pauses. */
const batch = 64

async function lookAtGuest(
  reader: DescriptorReader,
  guest: Guest,
  { signature, files, unreadable }: ListedDescriptors,
): Promise<KnownGuest> {
  const session = reader.begin(guest)
  for (const [index, descriptor] of files.entries()) {
    session.look(descriptor)
    if (index % batch === batch - 1) await setImmediate()
  }
  return { signature, images: session.images, unreadable: [...unreadable, ...session.unreadable] }
}

/** Guests with few images first: one that shows thousands takes nobody's place. */
function joinGuests(guests: readonly KnownGuest[]): ListedImages {
  const images = new Map<string, Image>()
  const unreadable = guests.flatMap((guest) => guest.unreadable)
  for (const guest of guests.toSorted((a, b) => a.images.length - b.images.length)) {
    for (const image of guest.images) {
      if (images.size < maxImages || images.has(image.id))
        images.set(image.id, mergeImages(images.get(image.id), image))
    }
  }
  const sorted = [...images.values()].sort((a, b) => (a.guests[0] ?? 0) - (b.guests[0] ?? 0))
  return { images: labelImages(sorted), unreadable }
}

/** One image that several descriptors or guests have open: buffered if any of them is. */
function mergeImages(known: Image | undefined, other: Image): Image {
  if (known === undefined) return other
  const guests = [...new Set([...known.guests, ...other.guests])]
  const places = [...known.places, ...other.places].slice(0, maxPlaces)
  return { ...(known.cacheMode === 'direct' ? other : known), guests, places }
}

function labelImages(images: readonly Image[]): Image[] {
  const labels = imageLabels(images)
  return images.map((image, index) => ({ ...image, label: labels[index] ?? image.label }))
}

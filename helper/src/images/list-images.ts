// Images: the files and block devices that guests' QEMU processes hold open as disks.
import { setImmediate } from 'node:timers/promises'
import { most } from '../../../src/shared/contract/bounded.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { imageLabels } from '../../../src/shared/text/image-labels.ts'
import type { Guest } from '../guests/guests.ts'
import { countDescriptors } from '../kernel/descriptors.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { MountTable } from '../kernel/mount-table.ts'
import { DescriptorReader } from './descriptor-reader.ts'
import { GuestDescriptors, type ListedDescriptors } from './guest-descriptors.ts'
import { type Image, type ListedImages, mergeImages } from './image.ts'

/** Lists everything again each time. See ImageRoster. */
export function listImages(root: KernelRoot, guests: readonly Guest[]): Promise<ListedImages> {
  return new ImageRoster(root).listImages(guests)
}

/** What is known of a guest's descriptors: as long as the same ones are open on the same files, the same images are. */
interface KnownGuest {
  /** How many descriptors it has; before Linux 6.2 their numbers. */
  readonly open: string
  readonly signature: string
  /** Looks since its descriptors' links were read. */
  readonly age: number
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
  readonly #looksOnTrust: number
  #known = new Map<number, KnownGuest>()

  /**
   * `looksOnTrust`: so many looks in a row a guest that has as many descriptors as before is taken to have the same images.
   * None for callers that look seldom: a disk may be exchanged for another.
   */
  constructor(root: KernelRoot, looksOnTrust = 0) {
    this.#root = root
    this.#looksOnTrust = looksOnTrust
  }

  /**
   * A descriptor that is another file by now shows in that the image cannot be opened any more: `anew` then looks at all.
   */
  async listImages(guests: readonly Guest[], anew = false): Promise<ListedImages> {
    const known = new Map<number, KnownGuest>()
    const reader = new DescriptorReader(this.#root, new MountTable(this.#root))
    for (const guest of guests) {
      const before = anew ? undefined : this.#known.get(guest.pid)
      known.set(guest.pid, await this.#followGuest(reader, guest, before))
    }
    this.#known = known
    return joinGuests([...known.values()])
  }

  async #followGuest(
    reader: DescriptorReader,
    guest: Guest,
    before: KnownGuest | undefined,
  ): Promise<KnownGuest> {
    const trusted = before !== undefined && before.age < this.#looksOnTrust ? before : undefined
    const count = countOpen(this.#root, guest.pid)
    if (trusted !== undefined && trusted.open === count) return { ...trusted, age: trusted.age + 1 }
    const descriptors = new GuestDescriptors(this.#root, guest)
    const open = count ?? descriptors.numbers.join(' ')
    if (trusted?.open === open) return { ...trusted, age: trusted.age + 1 }
    const listed = descriptors.list()
    const isSame = before?.signature === listed.signature
    const found = isSame && before ? before : await lookAtGuest(reader, guest, listed)
    return { ...found, open, signature: listed.signature, age: 0 }
  }
}

/** undefined: it is not told, or the process has ended, which the look at its descriptors explains. */
function countOpen(root: KernelRoot, pid: number): string | undefined {
  try {
    return countDescriptors(root, pid)?.toString()
  } catch {
    return undefined
  }
}

/** Descriptors between two pauses. */
const batch = 64

async function lookAtGuest(
  reader: DescriptorReader,
  guest: Guest,
  { files, unreadable }: ListedDescriptors,
): Promise<Pick<KnownGuest, 'images' | 'unreadable'>> {
  const look = reader.lookAt(guest)
  for (const [index, descriptor] of files.entries()) {
    look.addDescriptor(descriptor)
    if (index % batch === batch - 1) await setImmediate()
  }
  return { images: look.images, unreadable: [...unreadable, ...look.unreadable] }
}

/** Guests with few images first: one that shows thousands takes nobody's place. */
function joinGuests(guests: readonly KnownGuest[]): ListedImages {
  const images = new Map<string, Image>()
  const unreadable = guests.flatMap((guest) => guest.unreadable)
  let leftOut = 0
  for (const guest of guests.toSorted((a, b) => a.images.length - b.images.length)) {
    for (const image of guest.images) {
      if (images.size < most.images || images.has(image.id))
        images.set(image.id, mergeImages(images.get(image.id), image))
      else leftOut += 1
    }
  }
  if (leftOut > 0) unreadable.push(explainLeftOut(leftOut))
  const sorted = [...images.values()].sort((a, b) => (a.guests[0] ?? 0) - (b.guests[0] ?? 0))
  return { images: labelImages(sorted), unreadable }
}

function explainLeftOut(count: number): Unreadable {
  const text = `cannot look at ${count} images: at most ${most.images} images of a host are looked at`
  return { path: '/proc', problem: new Problem('not-supported', text).toData() }
}

function labelImages(images: readonly Image[]): Image[] {
  const labels = imageLabels(images)
  return images.map((image, index) => ({ ...image, label: labels[index] ?? image.label }))
}

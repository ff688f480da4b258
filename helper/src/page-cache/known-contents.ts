// Hashes of images' pages, kept from one look to the next for as long as nothing has written to their file: then what
// is resident need not be read again. Base images are the many and the large ones, and nothing writes to them.
import type { Image } from '../images/image.ts'

/** Pages whose hashes are kept together. */
const partPages = 64
const maskWords = partPages / 32

/** Hashes by image. `follow` before each scan; a change of version forgets an image. */
export class KnownContents {
  readonly #images = new Map<string, KnownImage>()
  #limitPages = 0

  /** Before a scan of these images: others have gone. At most so many pages are kept, 8 bytes each. */
  follow(images: readonly Pick<Image, 'id'>[], limitPages: number): void {
    const ids = new Set(images.map(({ id }) => id))
    for (const id of this.#images.keys()) if (!ids.has(id)) this.#images.delete(id)
    this.#limitPages = limitPages
    if (this.#pages > limitPages) this.#images.clear()
  }

  get #pages(): number {
    let parts = 0
    for (const image of this.#images.values()) parts += image.parts.size
    return parts * partPages
  }

  /** What is known of an image that is of this version; of another nothing is any more. */
  knownImage(id: string, version: string): KnownImage {
    const known = this.#images.get(id)
    if (known?.version !== version) this.#images.delete(id)
    const image = known?.version === version ? known : new KnownImage(version)
    image.roomPages = this.#limitPages - this.#pages
    this.#images.set(id, image)
    return image
  }

  /** Frees what is known of an image that nobody has open any more. */
  forgetImage(id: string): void {
    this.#images.delete(id)
  }
}

/** Pages are counted from the start of the image. */
class KnownImage {
  readonly version: string
  /** A mask of the pages that are known, then their hashes, two words each. */
  readonly parts = new Map<number, Uint32Array>()
  roomPages = 0

  constructor(version: string) {
    this.version = version
  }

  /** Where there is no room the page is read again next time. */
  keep(page: number, lower: number, upper: number): void {
    const part = this.parts.get(Math.floor(page / partPages)) ?? this.#addPart(page)
    if (part === undefined) return
    const at = page % partPages
    part[at >>> 5] = (part[at >>> 5] as number) | (1 << (at & 31))
    part[maskWords + at * 2] = lower
    part[maskWords + at * 2 + 1] = upper
  }

  /**
   * Tells of each resident page that is known, and takes it out of `residency`: one byte a page, lowest bit, of `pages`
   * pages from `first`, a multiple of 64, on. `onPage` counts them from `first`. Returns how many.
   */
  tell(
    first: number,
    pages: number,
    residency: Uint8Array,
    onPage: (page: number, lower: number, upper: number) => void,
  ): number {
    let told = 0
    for (let from = 0; from < pages; from += partPages) {
      const part = this.parts.get((first + from) / partPages)
      if (part === undefined) continue
      const count = Math.min(partPages, pages - from)
      for (let at = 0; at < count; at += 1) {
        const isKnown = (part[at >>> 5] as number) >>> (at & 31)
        if ((isKnown & (residency[from + at] as number) & 1) === 0) continue
        residency[from + at] = 0
        told += 1
        onPage(from + at, part[maskWords + at * 2] as number, part[maskWords + at * 2 + 1] as number)
      }
    }
    return told
  }

  #addPart(page: number): Uint32Array | undefined {
    if (this.roomPages < partPages) return undefined
    this.roomPages -= partPages
    const part = new Uint32Array(maskWords + partPages * 2)
    this.parts.set(Math.floor(page / partPages), part)
    return part
  }
}

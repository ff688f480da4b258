// The contents of images' resident pages, window by window: read, or known from before.
import type { PageChunk } from '../identical-pages/scan/page-hash.ts'
import type { ByteRange } from '../kernel/byte-range.ts'
import { pageSize } from '../kernel/page-size.ts'
import { readVersion } from './file-version.ts'
import { measureWindow, type OnPage, WindowHasher, windowPages } from './image-window.ts'
import type { KnownContents } from './known-contents.ts'
import type { OpenImage } from './open-image.ts'

export interface WindowContents {
  readonly residentPages: number
  /** Pages given to `onPage`: fewer than are resident where some left during the reading. */
  readonly comparedPages: number
  /** Of these, read now. */
  readonly hashedPages: number
}

/** Reads windows of open images, as `WindowHasher` does; absent pages stay absent. */
export class ImageReader {
  readonly #hasher: WindowHasher
  readonly #known: KnownContents | undefined
  /** One byte a page, lowest bit, of the window at hand. */
  readonly #residency = new Uint8Array(windowPages)

  /** Without `known` all pages are read. */
  constructor(chunk: PageChunk, known?: KnownContents) {
    this.#hasher = new WindowHasher(chunk)
    this.#known = known
  }

  /** `onPage` is given pages counted from the start of the window, in no order. */
  readWindow(open: OpenImage, window: ByteRange, onPage: OnPage): WindowContents {
    const residency = this.#residency
    const residentPages = measureWindow(open.fd, window, residency)
    if (residentPages === 0) return { residentPages, comparedPages: 0, hashedPages: 0 }
    const version = this.#known === undefined ? undefined : readVersion(open)
    const known = version === undefined ? undefined : this.#known?.knownImage(open.image.id, version)
    const first = window.start / pageSize
    const told = known?.tell(first, window.length / pageSize, residency, onPage) ?? 0
    if (told === residentPages) return { residentPages, comparedPages: told, hashedPages: 0 }
    const hashedPages = this.#hasher.hashWanted(open.fd, window, residency, (page, lower, upper) => {
      known?.keep(first + page, lower, upper)
      onPage(page, lower, upper)
    })
    // The file was written during the reading: what was read may be from before or after.
    if (version !== undefined && readVersion(open) !== version) this.#known?.forgetImage(open.image.id)
    return { residentPages, comparedPages: told + hashedPages, hashedPages }
  }
}

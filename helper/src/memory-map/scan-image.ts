// Reads what the page cache holds of an image into its strip, and leaves the cache as it is.
import type { Image } from '../images/image.ts'
import { pageSize } from '../kernel/page-size.ts'
import type { Pace } from '../pacing/pace.ts'
import { findWritten } from '../page-cache/dirty.ts'
import type { ImageReader } from '../page-cache/image-reader.ts'
import { measureWindow, windowPages } from '../page-cache/image-window.ts'
import { endOfImage, listWindows, type OpenImage, withOpenImage } from '../page-cache/open-image.ts'
import { pageBits } from './page-bits.ts'
import { Strip, type StripAbout } from './strip.ts'

export interface ImageReading {
  readonly pace: Pace
  /** Absent: contents are not read. */
  readonly reader?: ImageReader
  readonly zero: { readonly lower: number; readonly upper: number }
  /** Strips hold at most so many pages. */
  readonly maxPages: number
}

export interface ScannedImage {
  readonly strip: Strip
  readonly hashedPages: number
}

/** Throws `gone` where no guest has it open any more. `release` the strip. */
export function scanImageStrip(
  image: Image,
  about: StripAbout,
  reading: ImageReading,
): Promise<ScannedImage> {
  return withOpenImage(image, async (open) => {
    const pages = Math.min(reading.maxPages, endOfImage(open) / pageSize)
    const strip = new Strip(about, pages, reading.reader !== undefined)
    try {
      return { strip, hashedPages: await fill(strip, open, reading) }
    } catch (error) {
      strip.release()
      throw error
    }
  })
}

async function fill(strip: Strip, open: OpenImage, { pace, reader, zero }: ImageReading): Promise<number> {
  const { bits, hashes } = strip
  const residency = new Uint8Array(windowPages)
  let hashed = 0
  for (const window of listWindows(open)) {
    const first = window.start / pageSize
    if (first + window.length / pageSize > strip.pages) break
    const resident = measureWindow(open.fd, window, residency)
    for (let i = 0; i < window.length / pageSize; i += 1) {
      if (((residency[i] as number) & 1) !== 0) bits[first + i] = pageBits.present
    }
    if (resident > 0 && reader && !open.image.notApplicable) {
      const contents = reader.readWindow(open, window, (page, lower, upper) => {
        hashes[(first + page) * 2] = lower
        hashes[(first + page) * 2 + 1] = upper
        const isZero = lower === zero.lower && upper === zero.upper
        bits[first + page] = pageBits.present | pageBits.compared | (isZero ? pageBits.zero : 0)
      })
      hashed += contents.hashedPages
    }
    if (resident > 0) markDirty(strip, open, window.start, window.length)
    if (pace.advance(resident)) await pace.rest(`reading the page cache of ${open.image.path}`)
  }
  return hashed
}

/** Resident pages that no clean range covers. Where the kernel does not count, none is known to be dirty. */
function markDirty({ bits }: Strip, open: OpenImage, start: number, length: number): void {
  const clean = findWritten(open, { start, length })
  if (open.counts.areRefuted) return
  let at = start
  for (const range of [...clean, { start: start + length, length: 0 }]) {
    for (; at < range.start; at += pageSize) {
      const page = at / pageSize
      const byte = bits[page] as number
      if ((byte & pageBits.present) !== 0) bits[page] = byte | pageBits.mergedOrDirty
    }
    at = range.start + range.length
  }
}

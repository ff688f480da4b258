// Formats of disk images, by the marks at their beginning.
import type { AssessedImage } from '../../../src/shared/contract/images.ts'
import { type OpenFile, readPage } from './read-page.ts'

type ImageFormat = AssessedImage['format']

// An open image keeps its format; so a sampler need not fetch its first page from storage again and again.
const knownFormats = new Map<string, ImageFormat>()
const maxKnown = 4096

/** `id` names the file for good. */
export function readFormat(id: string, open: OpenFile): ImageFormat {
  const known = knownFormats.get(id)
  if (known !== undefined) return known
  const format = parseFormat(readPage(open, 0))
  if (knownFormats.size >= maxKnown) knownFormats.clear()
  knownFormats.set(id, format)
  return format
}

/** By the first bytes of the image. What no format marks is `raw`. */
export function parseFormat(head: Uint8Array): ImageFormat {
  const text = String.fromCharCode(...head.subarray(0, 68))
  if (text.startsWith('QFI\xfb')) return 'qcow2'
  const others = ['KDMV', 'COWD', 'vhdxfile', 'conectix', 'QED\0', 'Bochs Virtual HD']
  const isOther = others.some((mark) => text.startsWith(mark)) || text.slice(64, 68) === '\x7f\x10\xda\xbe'
  return isOther ? 'other' : 'raw'
}

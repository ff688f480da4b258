// Why the content of an image can never equal that of guests' pages: where its file systems begin, the size of their
// blocks, and encryption, as the image's own structures tell. Raw images and block devices only.
import type { Reason } from '../../../src/shared/contract/quantity.ts'

const pageBytes = 4096
const sectorBytes = 512
const maxFileSystems = 32

/** Reads the page at a multiple of 4096 bytes; shorter where the image ends. */
export type ReadPage = (offset: number) => Uint8Array

/** Empty: nothing is in the way as far as these structures tell. */
export function explainAlignment(readPage: ReadPage): Reason[] {
  const head = readPage(0)
  const partitions = listPartitions(head)
  const starts = partitions.length > 0 ? partitions : [0]
  const texts = starts.flatMap((start, index) => {
    const what = partitions.length > 0 ? `partition ${index + 1}` : 'the disk'
    return explainFileSystem(start, what, readPage)
  })
  return texts.map((text) => ({ code: 'misaligned-content', text }))
}

function explainFileSystem(start: number, what: string, readPage: ReadPage): string[] {
  if (start % pageBytes !== 0) {
    return [`${what} starts at sector ${start / sectorBytes}, not at a multiple of 4 KiB: ${cannotCompare}`]
  }
  const page = readPage(start)
  const encryption = findEncryption(page)
  if (encryption !== undefined) return [`${what} is encrypted by the guest (${encryption}): ${cannotCompare}`]
  const blockBytes = readBlockBytes(page)
  if (blockBytes === undefined || blockBytes >= pageBytes) return []
  const size = blockBytes >= 1024 ? `${blockBytes / 1024} KiB` : `${blockBytes} B`
  return [`the file system on ${what} has blocks of ${size}: where they do not fill pages, ${cannotCompare}`]
}

const cannotCompare = 'content in the page cache cannot equal that of guest pages'

/** Where partitions of an MBR or GPT begin, in bytes. Empty: there is no table, or none that makes sense. */
function listPartitions(head: Uint8Array): number[] {
  const bytes = new DataView(head.buffer, head.byteOffset, head.byteLength)
  if (head.length < pageBytes || bytes.getUint16(510, true) !== 0xaa55) return []
  const entries = [0, 1, 2, 3].map((index) => 446 + index * 16)
  // A boot sector of a file system has the same mark, but code where the table would be.
  if (entries.some((at) => (bytes.getUint8(at) & 0x7f) !== 0)) return []
  if (entries.some((at) => bytes.getUint8(at + 4) === 0xee)) return listGuidPartitions(bytes)
  const used = entries.filter((at) => bytes.getUint8(at + 4) !== 0 && bytes.getUint32(at + 12, true) > 0)
  return used.map((at) => bytes.getUint32(at + 8, true) * sectorBytes).filter((start) => start > 0)
}

/** Those of the first page, which are 24. */
function listGuidPartitions(bytes: DataView): number[] {
  if (bytes.getBigUint64(sectorBytes, false) !== 0x4546492050415254n) return []
  const entries = Array.from({ length: 24 }, (_, index) => 2 * sectorBytes + index * 128)
  const used = entries.filter(
    (at) => bytes.getBigUint64(at, true) !== 0n || bytes.getBigUint64(at + 8, true) !== 0n,
  )
  const starts = used.map((at) => Number(bytes.getBigUint64(at + 32, true)) * sectorBytes)
  return starts.filter((start) => start > 0 && Number.isSafeInteger(start)).slice(0, maxFileSystems)
}

function findEncryption(page: Uint8Array): string | undefined {
  const text = String.fromCharCode(...page.subarray(0, 16))
  if (text.startsWith('LUKS\xba\xbe')) return 'LUKS'
  return text.startsWith('-FVE-FS-', 3) ? 'BitLocker' : undefined
}

/** Of ext2 to ext4 and XFS; undefined for what is neither. */
function readBlockBytes(page: Uint8Array): number | undefined {
  if (page.length < 2048) return undefined
  const bytes = new DataView(page.buffer, page.byteOffset, page.byteLength)
  if (bytes.getUint16(1024 + 56, true) === 0xef53)
    return 1024 << Math.min(6, bytes.getUint32(1024 + 24, true))
  if (bytes.getUint32(0, false) === 0x58465342) return bytes.getUint32(4, false)
  return undefined
}

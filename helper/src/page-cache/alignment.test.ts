import { describe, expect, it } from 'vitest'
import { explainAlignment } from './alignment.ts'

const PAGE = 4096
const SECTOR = 512

/** A disk of which only the given bytes are not zero. */
function disk(...parts: [offset: number, bytes: Uint8Array | string][]) {
  return (offset: number): Uint8Array => {
    const page = new Uint8Array(PAGE)
    for (const [at, part] of parts) {
      const bytes = typeof part === 'string' ? Uint8Array.from(part, (char) => char.charCodeAt(0)) : part
      bytes.forEach((byte, index) => {
        if (at + index >= offset && at + index < offset + PAGE) page[at + index - offset] = byte
      })
    }
    return page
  }
}

const ext = (logBlock: number) => {
  const superblock = new DataView(new ArrayBuffer(64))
  superblock.setUint32(24, logBlock, true)
  superblock.setUint16(56, 0xef53, true)
  return new Uint8Array(superblock.buffer)
}

const mbr = (...starts: number[]) => {
  const sector = new DataView(new ArrayBuffer(SECTOR))
  sector.setUint16(510, 0xaa55, true)
  starts.forEach((start, index) => {
    sector.setUint8(446 + index * 16 + 4, 0x83)
    sector.setUint32(446 + index * 16 + 8, start, true)
    sector.setUint32(446 + index * 16 + 12, 4096, true)
  })
  return new Uint8Array(sector.buffer)
}

const gpt = (...starts: number[]) => {
  const bytes = new DataView(new ArrayBuffer(PAGE))
  bytes.setUint16(510, 0xaa55, true)
  bytes.setUint8(446 + 4, 0xee)
  bytes.setUint32(446 + 8, 1, true)
  bytes.setBigUint64(SECTOR, 0x4546492050415254n, false)
  starts.forEach((start, index) => {
    bytes.setUint8(2 * SECTOR + index * 128, 1)
    bytes.setBigUint64(2 * SECTOR + index * 128 + 32, BigInt(start), true)
  })
  return new Uint8Array(bytes.buffer)
}

describe('explainAlignment', () => {
  it.each<[string, (offset: number) => Uint8Array, RegExp[]]>([
    ['nothing that is known', disk(), []],
    ['ext4 with blocks of 4 KiB', disk([1024, ext(2)]), []],
    ['ext4 with blocks of 1 KiB', disk([1024, ext(0)]), [/the disk has blocks of 1 KiB/]],
    ['XFS with blocks of 512 B', disk([0, 'XFSB\0\0\x02\0']), [/the disk has blocks of 512 B/]],
    ['LUKS', disk([0, 'LUKS\xba\xbe']), [/the disk is encrypted by the guest \(LUKS\)/]],
    [
      'BitLocker',
      disk([0, mbr(2048)], [2048 * SECTOR + 3, '-FVE-FS-']),
      [/partition 1 is encrypted.*BitLocker/],
    ],
    ['an old partition', disk([0, mbr(63)]), [/partition 1 starts at sector 63/]],
    [
      'partitions of all kinds',
      disk([0, mbr(2048, 8191, 16384)], [16384 * SECTOR + 1024, ext(1)]),
      [/partition 2 starts at sector 8191/, /partition 3 has blocks of 2 KiB/],
    ],
    ['GPT', disk([0, gpt(2048, 34)], [2048 * SECTOR + 1024, ext(2)]), [/partition 2 starts at sector 34/]],
    ['a boot sector of a file system', disk([0, mbr()], [440, '\xeb\x58\x90MSDOS5.0 and code']), []],
    ['a file shorter than a page', () => new Uint8Array(100), []],
    ['an empty file', () => new Uint8Array(0), []],
  ])('%s', (_name, readPage, expected) => {
    const reasons = explainAlignment(readPage)
    expect(reasons).toEqual(
      expected.map((text) => ({ code: 'misaligned-content', text: expect.stringMatching(text) })),
    )
  })
})

// What the parts of a snapshot cost that no system call has a share in, measured one by one on as many pages.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { HashRecords } from '../../../helper/src/identical-pages/records/hash-records.ts'
import { chunkPages, type PageChunk } from '../../../helper/src/identical-pages/scan/page-hash.ts'
import { HugeBuffer, PinnedBuffer } from '../../../helper/src/kernel/mappings.ts'
import { pageSize } from '../../../helper/src/kernel/page-size.ts'
import { randomWords } from './random-words.ts'

/** CPU seconds for all pages. */
export interface Parts {
  readonly pages: number
  readonly hashCpuSeconds: number
  readonly appendCpuSeconds: number
  readonly sortCpuSeconds: number
  /** Touching new memory of our own for the first time, in small pages and in huge ones. */
  readonly smallTouchCpuSeconds: number
  readonly hugeTouchCpuSeconds: number
  /** Of a cached file, by read(2), 256 KiB at once: what a call costs that copies and does nothing else. */
  readonly cachedReadCpuSeconds: number
}

const nothing = { lower: -1, upper: -1 }

export async function measureParts(pages: number, chunk: PageChunk): Promise<Parts> {
  const chunks = Math.ceil(pages / chunkPages)
  const hashes = randomWords(chunks * chunkPages * 2)
  const parts = Array.from({ length: chunks }, (_, i) =>
    hashes.subarray(i * chunkPages * 2, (i + 1) * chunkPages * 2),
  )
  const records = new HashRecords(chunks * chunkPages)
  return {
    pages: chunks * chunkPages,
    hashCpuSeconds: cpuOf(() => {
      for (let i = 0; i < chunks; i += 1) chunk.measure(chunkPages)
    }),
    appendCpuSeconds: cpuOf(() => {
      for (const part of parts) records.append(part, chunkPages, 0, nothing)
    }),
    sortCpuSeconds: await sortTime(records),
    smallTouchCpuSeconds: touchTime(new PinnedBuffer(TOUCHED_PAGES * pageSize), chunks * chunkPages),
    hugeTouchCpuSeconds: touchTime(new HugeBuffer(TOUCHED_PAGES * pageSize), chunks * chunkPages),
    cachedReadCpuSeconds: cachedReadTime(chunk) * chunks * chunkPages,
  }
}

const TOUCHED_PAGES = 4096

/** Of so many pages, judged by fewer. */
function touchTime(memory: PinnedBuffer | HugeBuffer, pages: number): number {
  const seconds = cpuOf(() => {
    for (let at = 0; at < TOUCHED_PAGES * pageSize; at += pageSize) memory.bytes[at] = 1
  })
  memory.release()
  return (seconds / TOUCHED_PAGES) * pages
}

/** For each page of this program's own file, which is cached once it was read. */
function cachedReadTime({ buffer: { bytes } }: PageChunk): number {
  const fd = openSync(process.execPath, 'r')
  try {
    const chunks = Math.floor(fstatSync(fd).size / bytes.length)
    const readAll = () => {
      for (let i = 0; i < chunks; i += 1) readSync(fd, bytes, 0, bytes.length, i * bytes.length)
    }
    readAll()
    return cpuOf(readAll) / (chunks * chunkPages)
  } finally {
    closeSync(fd)
  }
}

async function sortTime(records: HashRecords): Promise<number> {
  const before = process.cpuUsage()
  await records.sort({ advance: () => false, rest: async () => undefined })
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function cpuOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

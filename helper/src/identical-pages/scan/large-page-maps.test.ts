// Page maps of a guest of 64 GiB and of a host of 1 TiB: work is counted, so that nothing quadratic hides in a fast machine.
import { afterAll, describe, expect, it } from 'vitest'
import { randomWords } from '../../../../test/bench/engine/random-words.ts'
import { GuestPages } from '../guest-pages.ts'
import { chooseSample, HashRecords } from '../records/hash-records.ts'
import { siteKind } from '../records/record-layout.ts'
import { WordList } from '../records/words.ts'
import type { FrameKinds } from './frame-kinds.ts'
import { frameKind } from './frame-kinds.ts'
import { MergedFrames } from './merged-frames.ts'
import { listWindows } from './scan-ram.ts'
import { addWindow, type RamReader } from './scan-window.ts'

const GIB = 2 ** 30
const PAGE = 4096
const PRESENT = 0x8000_0000
const EXCLUSIVE = 0x0100_0000
/** Sites of each merged frame. */
const SHARERS = 16
/** Pages of a guest that are read for each 8 that are merged. */
const CYCLE = 9
const report: string[] = []

/** What a scan of one guest did. */
interface Work {
  listed: number
  entries: number
  flagsAsked: number
  read: number
  frames: number
}

/** Scans a guest whose page map is made up: of nine pages, eight are merged and one is in a frame of its own. */
function scanGuest(bytes: number): Work {
  const work: Work = { listed: 0, entries: 0, flagsAsked: 0, read: 0, frames: 0 }
  const mapping = { start: 0, end: bytes, mergeable: true, privateFile: false, shared: false }
  const frames = new MergedFrames()
  frames.beginScan('1', 1)
  const records = new HashRecords(0)
  const scan = { records, frames, mergedSites: new WordList(bytes / PAGE), zero: { lower: 0, upper: 0 } }
  const pages = new GuestPages(scan, 0)
  const entries = new Int32Array((16 * 2 ** 20 * 2) / PAGE)
  const reader = {
    pid: 1,
    present: {
      skipAbsent: (start: number) => start,
      list: (start: number, end: number) => {
        work.listed += 1
        return [{ start, pages: (end - start) / PAGE, kernelZero: false, file: false }]
      },
      readEntries: (start: number, count: number) => {
        work.entries += count
        for (let i = 0; i < count; i += 1) {
          const page = start / PAGE + i
          const isOwn = page % CYCLE === 0
          entries[i * 2] = isOwn ? page : 2 ** 28 + Math.floor(page / SHARERS)
          entries[i * 2 + 1] = isOwn ? PRESENT | EXCLUSIVE : PRESENT
        }
        return entries
      },
    },
    frames: {
      forgetFlags: () => undefined,
      kindOfFrame: (all: Int32Array, index: number) => {
        work.flagsAsked += 1
        return ((all[index * 2 + 1] as number) & EXCLUSIVE) === 0 ? frameKind.merged : frameKind.private
      },
    } as unknown as FrameKinds,
    batch: { addRun: (_: number, count: number) => (work.read += count), flush: () => undefined },
    // As if it had been read at once.
    shared: {
      addPage: (_: number, frame: number) => {
        work.read += 1
        pages.addFrame(frame, frame, 1)
      },
      flush: () => undefined,
    },
    windows: undefined,
    sink: pages,
  } as unknown as RamReader
  let present = 0
  for (const window of listWindows({ mappings: [mapping] }, reader.present))
    present += addWindow(window, reader)
  work.frames = frames.count
  expect(present).toBe(bytes / PAGE)
  return work
}

describe('a page map of many gigabytes', () => {
  afterAll(() => process.stderr.write(report.map((line) => `${line}\n`).join('')))

  // Minutes where other tests take the processor.
  it('of 64 GiB takes 64 times the work of 1 GiB', { timeout: 120_000 }, () => {
    const small = scanGuest(GIB)
    const began = performance.now()
    const large = scanGuest(64 * GIB)
    report.push(`a guest of 64 GiB: ${((performance.now() - began) / 1000).toFixed(1)} s`)
    const pages = (64 * GIB) / PAGE
    // Each page's entry is read once, each frame's content once, and only flags of frames that are not known are asked for.
    expect(large.entries).toBe(pages)
    expect(large.listed).toBe((64 * GIB) / 2 ** 24)
    expect(large.frames).toBe(pages / SHARERS)
    expect(large.read).toBe(Math.ceil(pages / CYCLE) + large.frames)
    for (const what of ['listed', 'entries', 'flagsAsked', 'read', 'frames'] as const) {
      expect(large[what]).toBeLessThanOrEqual(small[what] * 64)
      expect(large[what]).toBeGreaterThan(small[what] * 63)
    }
  })

  it('of 1 TiB with three pages in it is walked in two windows, and passed over in between', () => {
    const MIB = 2 ** 20
    const mappings = [0, 600].map((gib) => ({
      start: gib * GIB,
      end: (gib + 512) * GIB,
      mergeable: true,
      privateFile: false,
      shared: false,
    }))
    const pages = [5 * GIB + 17 * MIB, 5 * GIB + 18 * MIB, 1111 * GIB]
    let asked = 0
    const present = {
      skipAbsent: (start: number, end: number, windowBytes: number) => {
        asked += 1
        const first = pages.find((page) => page >= start && page < end)
        return first === undefined ? end : start + Math.floor((first - start) / windowBytes) * windowBytes
      },
    }
    const left: number[] = []
    const bytesOf = (leftBytes: number) => {
      left.push(leftBytes / GIB)
      return 16 * MIB
    }
    expect([...listWindows({ mappings }, present, bytesOf)].map(({ start, end }) => [start, end])).toEqual([
      [5 * GIB + 16 * MIB, 5 * GIB + 32 * MIB],
      [1111 * GIB, 1111 * GIB + 16 * MIB],
    ])
    expect(asked).toBe(4)
    // What was passed over is not left.
    expect(left[0]).toBe(1024 - 5 - 1 / 64)
  })

  it('of 1 TiB is kept in 512 MiB, as a sample of contents', () => {
    const pages = 2 ** 40 / PAGE
    let bytes = 0
    let released = 0
    const records = new HashRecords(pages, chooseSample(pages), (count) => {
      bytes += count * 4
      return { words: new Uint32Array(count), release: () => (released += count * 4) }
    })
    const hashes = randomWords(2 ** 17)
    for (let at = 0; at < 2 ** 16; at += 2 ** 12)
      records.append(hashes.subarray(at * 2), 2 ** 12, siteKind.private, { lower: 0, upper: 0 })
    report.push(`a host of 1 TiB: ${(bytes / 2 ** 20).toFixed(0)} MiB of records`)
    expect(bytes - released).toBeLessThanOrEqual(512 * 2 ** 20 - 64 * 2 ** 20)
    // What a page has come to, over all of them: no more than there is room for.
    expect((records.length / 2 ** 16) * pages * 12).toBeLessThanOrEqual(bytes)
    const kept = records.length / 2 ** 16 / records.sampledRatio
    expect(kept).toBeGreaterThan(0.85)
    expect(kept).toBeLessThan(1.15)
    records.release()
    expect(released).toBe(bytes)
  })
})

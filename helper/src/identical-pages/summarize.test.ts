import { describe, expect, it } from 'vitest'
import { maxGuestsToldApart } from '../../../src/shared/contract/guests.ts'
import { pageSize } from '../kernel/page-size.ts'
import { ContentGroups } from './content-groups.ts'
import { GuestPages, type ScanRecords } from './guest-pages.ts'
import { chooseSample, HashRecords, type SampleLimit } from './records/hash-records.ts'
import { siteKind } from './records/record-layout.ts'
import { WordList } from './records/words.ts'
import { FrameSet } from './scan/frame-kinds.ts'
import { MergedFrames } from './scan/merged-frames.ts'
import { type SnapshotSummary, summarizeSnapshot } from './summarize.ts'

/** Pauses as often as it can. */
const restless = { advance: () => true, rest: async () => undefined }
const zero = { lower: 1, upper: 1 }

function startScan(guestCount: number, sample?: SampleLimit) {
  const frames = new MergedFrames()
  frames.beginScan(undefined, guestCount)
  const scan: ScanRecords = {
    records: new HashRecords(0, sample),
    frames,
    mergedSites: new WordList(0),
    zero,
    ...(sample !== undefined && { leftOut: new FrameSet() }),
  }
  const guests = Array.from({ length: guestCount }, (_, index) => new GuestPages(scan, index))
  const summarize = async () => {
    const groups = new ContentGroups(scan, guests)
    await groups.sort(restless)
    const zeroPages = guests.map(() => 0)
    return inPages(await summarizeSnapshot(groups, zeroPages, restless))
  }
  return { guests: guests as [GuestPages, GuestPages, GuestPages], summarize, records: scan.records }
}

/** Its bytes counted in pages, which tell contents apart by sight. */
function inPages({ guests, mergeable, sharedPages }: SnapshotSummary): SnapshotSummary {
  const scaled = <T extends object>(figures: T) =>
    Object.fromEntries(Object.entries(figures).map(([name, bytes]) => [name, bytes / pageSize])) as T
  return { guests: guests.map(scaled), mergeable: scaled(mergeable), sharedPages }
}

const hashesOf = (...contents: number[]) => new Uint32Array(contents.flatMap((content) => [content, content]))

describe('the summary of a snapshot', () => {
  it('counts what occurs elsewhere, what KSM would free, and what pairs share', async () => {
    const { guests, summarize } = startScan(3)
    const [a, b, c] = guests
    a.addPages(hashesOf(10, 10, 11, 12, 1), 5, siteKind.private)
    b.addPages(hashesOf(11, 13, 1), 3, siteKind.private)
    c.addPages(hashesOf(11, 14), 2, siteKind.unmergeable)
    c.addKernelZeroPages(2)
    const { guests: sums, mergeable, sharedPages } = await summarize()
    expect(sums.map((guest) => guest.residentBytes)).toEqual([5, 3, 4])
    expect(sums.map((guest) => guest.zeroBytes)).toEqual([1, 1, 2])
    expect(sums.map((guest) => guest.identicalBytes)).toEqual([4, 2, 3])
    // 10 twice, 11 in two frames that KSM may merge, zeros in two.
    expect(mergeable).toEqual({ bytes: 3, marginBytes: 0 })
    expect(sums.reduce((sum, guest) => sum + guest.mergeableBytes, 0)).toBe(3)
    expect(sharedPages(0, 0)).toEqual({ identical: 2, zero: 0 })
    expect(sharedPages(0, 1)).toEqual({ identical: 2, zero: 1 })
    expect(sharedPages(1, 2)).toEqual({ identical: 2, zero: 1 })
    expect(sharedPages(2, 2)).toEqual({ identical: 2, zero: 2 })
  })

  it('shares the saving of merged frames out over their sites, and adds what may still join them', async () => {
    const { guests, summarize } = startScan(3)
    const [a, b, c] = guests
    a.addFrame(50, 10, 10)
    a.addFrame(51, 1, 1)
    for (const guest of [a, b, b]) expect(guest.addKnownFrame(50)).toBe(true)
    expect(b.addKnownFrame(51)).toBe(true)
    c.addPages(hashesOf(10, 20), 2, siteKind.private)
    const { guests: sums, mergeable, sharedPages } = await summarize()
    expect(sums.map((guest) => guest.mergedBytes)).toEqual([2, 2, 0])
    expect(sums.map((guest) => guest.mergeableBytes)).toEqual([0, 0, 1])
    expect(sums.map((guest) => guest.identicalBytes)).toEqual([3, 3, 1])
    expect(sums.map((guest) => guest.zeroBytes)).toEqual([1, 1, 0])
    expect(mergeable.bytes).toBe(1)
    expect(sharedPages(0, 1)).toEqual({ identical: 3, zero: 1 })
    expect(sharedPages(0, 2)).toEqual({ identical: 2, zero: 0 })
    expect(sharedPages(2, 2)).toEqual({ identical: 0, zero: 0 })
  })

  it.each([70, maxGuestsToldApart])(
    'tells %i guests apart, in frames of their own and merged ones',
    async (count) => {
      const { guests, summarize } = startScan(count)
      const all = guests as readonly GuestPages[]
      // Every guest holds 10 and zeros, those with an even number 11, in a merged frame, and the last one twice.
      for (const [index, guest] of all.entries()) {
        guest.addPages(hashesOf(10, 1, 1000 + index), 3, siteKind.private)
        if (index % 2 === 0 && !guest.addKnownFrame(50)) guest.addFrame(50, 11, 11)
      }
      const [last, even, odd] = [count - 1, count - 2, count - 3]
      all[last]?.addPages(hashesOf(11, 11), 2, siteKind.private)
      const { sharedPages, guests: sums } = await summarize()
      expect(sharedPages(0, last)).toEqual({ identical: 3, zero: 1 })
      expect(sharedPages(last, 0)).toEqual({ identical: 4, zero: 1 })
      expect(sharedPages(33, even)).toEqual({ identical: 2, zero: 1 })
      expect(sharedPages(even, 34)).toEqual({ identical: 3, zero: 1 })
      expect(sharedPages(odd, odd)).toEqual({ identical: 0, zero: 0 })
      expect(sharedPages(last, last)).toEqual({ identical: 2, zero: 0 })
      expect(sums[even]?.identicalBytes).toBe(3)
    },
  )

  it('leaves pairs out where there are more guests than it tells apart, and nothing else', async () => {
    const { guests, summarize } = startScan(maxGuestsToldApart + 1)
    const all = guests as readonly GuestPages[]
    for (const guest of all) guest.addPages(hashesOf(10, 1), 2, siteKind.private)
    const { sharedPages, guests: sums, mergeable } = await summarize()
    expect(sharedPages(0, maxGuestsToldApart)).toEqual({ identical: 0, zero: 0 })
    expect(sums.at(-1)?.identicalBytes).toBe(2)
    expect(mergeable.bytes).toBe(2 * maxGuestsToldApart)
  })
})

/** murmur3's finalizer: a bijection of 32 bits, so that different contents never collide. */
function mix(value: number): number {
  let mixed = value >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

const CHUNK = 64
const chunk = new Uint32Array(CHUNK * 2)

/** Pages of a guest, whose contents follow one another. */
function addRange(guest: GuestPages, from: number, to: number, seed: number): void {
  for (let at = from; at < to; at += CHUNK) {
    const count = Math.min(CHUNK, to - at)
    for (let i = 0; i < count; i += 1) {
      chunk[i * 2] = mix((at + i) ^ seed)
      chunk[i * 2 + 1] = Math.imul(at + i, 0x9e3779b1) >>> 0
    }
    guest.addPages(chunk, count, siteKind.private)
  }
}

describe('a sampled summary', () => {
  // [contents, copies of each]
  it.each([
    [
      'clones',
      [
        [20_000, 1],
        [30_000, 4],
      ],
    ],
    [
      'one giant content',
      [
        [50_000, 1],
        [1, 60_000],
      ],
    ],
    [
      'little to share',
      [
        [90_000, 1],
        [500, 2],
      ],
    ],
  ] as const)('is unbiased and keeps its stated error against the exact answer: %s', async (_name, shape) => {
    let exact = 0
    for (const [contents, copies] of shape) exact += contents * (copies - 1)
    const runs = 40
    let within = 0
    let sum = 0
    let margins = 0
    for (let run = 0; run < runs; run += 1) {
      const { guests, summarize, records } = startScan(2, { records: 4_096, level: 5 })
      let first = 0
      for (const [contents, copies] of shape) {
        for (let copy = 0; copy < copies; copy += 1)
          addRange(guests[copy % 2] as GuestPages, first, first + contents, mix(run + 1))
        first += contents
      }
      const { mergeable } = await summarize()
      expect(records.sampledRatio).toBeLessThan(0.2)
      within += Number(Math.abs(mergeable.bytes - exact) <= mergeable.marginBytes)
      sum += mergeable.bytes - exact
      margins += mergeable.marginBytes
    }
    // 95 % of 40 runs are 38; fewer than 33 would come by chance once in 500 such tests, and the seeds are fixed.
    expect(within).toBeGreaterThanOrEqual(33)
    expect(Math.abs(sum / runs)).toBeLessThan((3 * margins) / runs / 1.96 / Math.sqrt(runs))
  })

  it('of a host of 1 TiB (268 million pages) stays within 512 MiB and within its stated error', async () => {
    const pages = 2 ** 28
    const single = 100_000_000
    const contents = 42_000_000
    const before = process.memoryUsage.rss()
    const sample = chooseSample(pages)
    expect(sample).toBeDefined()
    const { guests, summarize, records } = startScan(2, sample)
    addRange(guests[0], 0, single, 0)
    for (let left = pages - single, copy = 0; left > 0; left -= contents, copy += 1) {
      addRange(guests[copy % 2] as GuestPages, single, single + Math.min(contents, left), 0)
    }
    const { mergeable, guests: sums } = await summarize()
    expect(process.memoryUsage.rss() - before).toBeLessThan((512 - 64) * 2 ** 20)
    expect(records.words.byteLength).toBeLessThan(300 * 2 ** 20)
    expect(sums.reduce((sum, guest) => sum + guest.residentBytes, 0)).toBe(pages)
    const exact = pages - single - contents
    expect(Math.abs(mergeable.bytes - exact)).toBeLessThanOrEqual(mergeable.marginBytes)
    expect(mergeable.marginBytes / exact).toBeLessThan(0.01)
  }, 300_000)
})

import { describe, expect, it } from 'vitest'
import { randomWords } from '../../../test/bench/engine/random-words.ts'
import { pageSize } from '../kernel/page-size.ts'
import { ContentGroups, ImageMatch } from './content-groups.ts'
import { GuestPages } from './guest-pages.ts'
import { HashRecords } from './records/hash-records.ts'
import { type HeldBy, heldBy, Vouchers } from './records/holders.ts'
import { kindOf, recordWords, siteKind, subjectOf } from './records/record-layout.ts'
import { WordList } from './records/words.ts'
import { MergedFrames } from './scan/merged-frames.ts'
import { summarizeSnapshot } from './summarize.ts'

const unhurried = { advance: () => false, rest: async () => undefined }
const zero = { lower: 1, upper: 1 }

function scanned(guestCount: number, frames = new MergedFrames()) {
  const records = new HashRecords(0)
  frames.beginScan('1', guestCount)
  const scan = { records, frames, mergedSites: new WordList(0), zero }
  const guests = Array.from({ length: guestCount }, (_, index) => new GuestPages(scan, index))
  const finish = async () => {
    const groups = new ContentGroups(scan, guests)
    await groups.sort(unhurried)
    return groups
  }
  return { guests, finish }
}

describe('ImageMatch', () => {
  const everything = async () => {
    const { guests, finish } = scanned(4)
    guests[0]?.addPages(new Uint32Array([5, 6, 7, 8, 9, 9]), 3, siteKind.private)
    guests[1]?.addPages(new Uint32Array([5, 6]), 1, siteKind.unmergeable)
    guests[2]?.addFrame(77, 7, 8)
    guests[3]?.addKernelZeroPages(1)
    return finish()
  }

  it.each<[string, [number, number], number[], boolean, HeldBy]>([
    ['nobody holds it', [3, 3], [0, 1, 2, 3], true, heldBy.nobody],
    ['only guests that do not vouch hold it', [9, 9], [1, 2, 3], true, heldBy.others],
    ['only others hold it, in a merged frame', [7, 8], [1, 3], false, heldBy.others],
    ['nobody vouches', [5, 6], [], false, heldBy.others],
    ['one of two holds it', [9, 9], [0, 1], true, heldBy.opener],
    ['all hold it, but not all that have it open vouch', [5, 6], [0, 1], false, heldBy.opener],
    ['all hold it', [5, 6], [0, 1], true, heldBy.allOpeners],
    ['all hold it, one in a merged frame', [7, 8], [0, 2], true, heldBy.allOpeners],
    ['zeros of the one', [1, 1], [3], true, heldBy.allOpeners],
    ['zeros of another', [1, 1], [0, 1], true, heldBy.others],
  ])('%s', async (_what, [lower, upper], vouching, areAll, expected) => {
    expect(new ImageMatch(await everything(), new Vouchers(vouching, 4, areAll)).holderOf(lower, upper)).toBe(
      expected,
    )
  })

  it('marks pages of guests that vouch, and of no others', async () => {
    const groups = await everything()
    new ImageMatch(groups, new Vouchers([1, 2], 4, true)).holderOf(5, 6)
    new ImageMatch(groups, new Vouchers([2], 4, true)).holderOf(7, 8)
    const { guests } = await summarizeSnapshot(groups, [0, 0, 0, 0], unhurried)
    expect(guests.map(({ doubleCachedBytes }) => doubleCachedBytes)).toEqual([0, pageSize, pageSize, 0])
  })

  it('answers for a content of many pages as for one of few', async () => {
    const { guests, finish } = scanned(2)
    for (let i = 0; i < 1000; i += 1) guests[1]?.addPages(new Uint32Array([5, 6]), 1, siteKind.private)
    guests[0]?.addPages(new Uint32Array([5, 6]), 1, siteKind.private)
    const groups = await finish()
    const match = new ImageMatch(groups, new Vouchers([1], 2, true))
    expect([match.holderOf(5, 6), match.holderOf(5, 6)]).toEqual([heldBy.allOpeners, heldBy.allOpeners])
    const { guests: sums } = await summarizeSnapshot(groups, [0, 0], unhurried)
    expect(sums.map(({ doubleCachedBytes }) => doubleCachedBytes)).toEqual([0, 1000 * pageSize])
  })
})

describe('ContentGroups', () => {
  it('tells which guests hold a content, in frames of their own, merged ones and zero pages', async () => {
    const { guests, finish } = scanned(4)
    guests[0]?.addPages(new Uint32Array([5, 6, 7, 8]), 2, siteKind.private)
    guests[1]?.addPages(new Uint32Array([5, 6, 1, 1]), 2, siteKind.unmergeable)
    guests[2]?.addFrame(77, 5, 6)
    guests[2]?.addKernelZeroPages(3)
    const groups = await finish()
    const holdersOf = (lower: number, upper: number) => {
      const holds = (index: number) => {
        const match = new ImageMatch(groups, new Vouchers([index], guests.length, true))
        return match.holderOf(lower, upper) === heldBy.allOpeners
      }
      return guests.flatMap((_, index) => (holds(index) ? [index] : []))
    }
    expect(holdersOf(5, 6)).toEqual([0, 1, 2])
    expect(holdersOf(7, 8)).toEqual([0])
    expect(holdersOf(1, 1)).toEqual([1, 2])
    expect(groups.find(5, 7)).toBe(0)
  })

  it('does not find the zero page where no guest has one', async () => {
    const { guests, finish } = scanned(1)
    guests[0]?.addPages(new Uint32Array([5, 6]), 1, siteKind.private)
    expect((await finish()).find(1, 1)).toBe(0)
  })

  it('groups alike whether frames are new, known from earlier scans, or some of each', async () => {
    const known = new MergedFrames()
    const random = randomWords(4_000)
    for (let scan = 0; scan < 4; scan += 1) {
      const repeated = scanned(2, known)
      const fresh = scanned(2)
      for (const { guests } of [repeated, fresh]) {
        for (let i = 0; i < 5_000; i += 1) {
          // Of every scan's frames some are gone in the next; contents meet in two frames and in own pages.
          const frame = 1 + ((i * (scan + 3)) % 7_000)
          const content = frame % 2_000
          const [lower, upper] = [random[content * 2] ?? 0, random[content * 2 + 1] ?? 0]
          if (i % 5 === 0) guests[i % 2]?.addPages(new Uint32Array([lower, upper]), 1, siteKind.private)
          else if (!guests[i % 2]?.addKnownFrame(frame)) guests[i % 2]?.addFrame(frame, lower, upper)
        }
      }
      expect(describeGroups(await repeated.finish())).toEqual(describeGroups(await fresh.finish()))
    }
  })
})

/** Each content with what holds it, in order; frames by their hash and sites, as their indexes may differ. */
function describeGroups({ records, frames }: ContentGroups): string[] {
  const uppers = Array.from(
    { length: records.length },
    (_, i) => records.words[i * recordWords + 1] as number,
  )
  expect(uppers).toEqual(uppers.toSorted((a, b) => a - b))
  return Array.from({ length: records.length }, (_, i) => {
    const [lower = 0, upper = 0, word = 0] = records.words.subarray(i * recordWords)
    const subject = subjectOf(word)
    const holder = kindOf(word) === siteKind.merged ? `${frames.sites(subject)} sites` : `guest ${subject}`
    return `${upper} ${lower} ${holder}`
  }).sort()
}

import { describe, expect, it } from 'vitest'
import { HashRecords } from '../identical-pages/records/hash-records.ts'
import { heldBy, Vouchers } from '../identical-pages/records/holders.ts'
import { siteKind } from '../identical-pages/records/record-layout.ts'
import { MergedFrames } from '../identical-pages/scan/merged-frames.ts'
import { GuestContents } from './guest-contents.ts'

const pace = { advance: () => false, rest: async () => undefined } as never
const zero = { lower: 1, upper: 1 }
/** Guests 0 and 1 have image 0 open, guest 2 image 1; nobody that was scanned has image 2 open. */
const GUESTS = 3
const vouchers = [[0, 1], [2], []].map((indexes) => new Vouchers(indexes, GUESTS, true))
/** What the images' cache holds: of every content in all of them, the first image twice. */
const contents = [10, 11, 12, 13, 1]

/** Of content 10 guest 0 has a page of its own, of 11 guest 2, of 12 all a merged one; guest 1 has zeros. */
async function scanned(among: boolean, guestsToldApart = GUESTS): Promise<GuestContents> {
  const records = new HashRecords(0)
  if (among) {
    for (const image of [0, 1, 2, 0])
      for (const content of contents) records.addRecord(content, content, image)
    await records.sort(pace)
    await records.keepDistinct(pace)
  }
  const frames = new MergedFrames()
  frames.beginScan(undefined, guestsToldApart)
  const found = new GuestContents({ records, among, frames, zero, vouchers, guests: GUESTS })
  const [a, b, c] = [0, 1, 2].map((guest) => found.sinkOf(guest))
  a?.addPages(new Uint32Array([10, 10, 10, 10, 99, 99]), 3, siteKind.private)
  b?.addPages(new Uint32Array([1, 1]), 1, siteKind.private)
  c?.addPages(new Uint32Array([11, 11]), 1, siteKind.unmergeable)
  a?.addFrame(70, 12, 12)
  for (const sink of [b, c]) expect(sink?.addKnownFrame(70)).toBe(true)
  await found.finish(pace)
  return found
}

describe.each([
  ['looked up among contents of images', true],
  ['all kept', false],
])('contents of guests, %s', (_how, among) => {
  it.each([
    ['its guest holds it', 0, 10, heldBy.opener],
    ['a guest of another image holds it', 1, 10, heldBy.others],
    ['nobody that has it open was scanned', 2, 10, heldBy.others],
    ['another image with one guest', 1, 11, heldBy.opener],
    ['held by a guest that has only another image open', 0, 11, heldBy.others],
    ['merged in all', 0, 12, heldBy.opener],
    ['merged in all, of the other image', 1, 12, heldBy.opener],
    ['held by nobody', 0, 13, heldBy.nobody],
    ['zeros of its guest', 0, 1, heldBy.opener],
    ['zeros of another guest', 1, 1, heldBy.others],
  ])('%s', async (_what, image, content, expected) => {
    expect((await scanned(among)).holderOf(image, content, content)).toBe(expected)
  })

  it('knows holders of merged pages on a host of more guests than are told apart', async () => {
    const found = await scanned(among, 1000)
    expect(found.holderOf(1, 12, 12)).toBe(heldBy.opener)
    expect(found.holderOf(2, 12, 12)).toBe(heldBy.others)
  })

  it('tells many images of one content apart', async () => {
    const images = 40
    const records = new HashRecords(0)
    for (let image = 0; among && image < images; image += 1) records.addRecord(5, 6, image)
    await records.sort(pace)
    await records.keepDistinct(pace)
    const own = Array.from({ length: images }, (_, guest) => new Vouchers([guest], images, true))
    const frames = new MergedFrames()
    const found = new GuestContents({ records, among, frames, zero, vouchers: own, guests: images })
    for (const guest of [3, 39]) found.sinkOf(guest).addPages(new Uint32Array([5, 6]), 1, siteKind.private)
    await found.finish(pace)
    const held = own.flatMap((_, image) => (found.holderOf(image, 5, 6) === heldBy.opener ? [image] : []))
    expect(held).toEqual([3, 39])
    expect(found.holderOf(4, 5, 6)).toBe(heldBy.others)
  })
})

import { describe, expect, it } from 'vitest'
import { ContentGroups } from './content-groups.ts'
import { GuestSites } from './guest-sites.ts'
import { HashRecords } from './hash-records.ts'
import { MergedFrames } from './merged-frames.ts'
import { siteKind } from './site-kind.ts'

const unhurried = { advance: () => false, rest: async () => undefined }
const zero = { lower: 1, upper: 1 }

function scanned(guestCount: number) {
  const records = new HashRecords(0)
  const frames = new MergedFrames()
  frames.beginScan('1')
  const scan = { records, frames, zero }
  const guests = Array.from({ length: guestCount }, (_, index) => new GuestSites(scan, index, 1 << index))
  const finish = async () => {
    const groups = new ContentGroups(scan, guests)
    await groups.sort(unhurried)
    return groups
  }
  return { guests, finish }
}

describe('ContentGroups', () => {
  it('tells which guests hold a content, in frames of their own, merged ones and zero pages', async () => {
    const { guests, finish } = scanned(4)
    guests[0]?.addPages(new Uint32Array([5, 6, 7, 8]), 2, siteKind.own)
    guests[1]?.addPages(new Uint32Array([5, 6, 1, 1]), 2, siteKind.fixed)
    guests[2]?.addFrame(77, 5, 6)
    guests[2]?.addKernelZeroPages(3)
    const groups = await finish()
    expect(groups.holders(groups.find(5, 6))).toBe(0b111)
    expect(groups.holders(groups.find(7, 8))).toBe(0b001)
    expect(groups.holders(groups.find(1, 1))).toBe(0b110)
    expect(groups.find(5, 7)).toBe(0)
  })

  it('does not find the zero page where no guest has one', async () => {
    const { guests, finish } = scanned(1)
    guests[0]?.addPages(new Uint32Array([5, 6]), 1, siteKind.own)
    expect((await finish()).find(1, 1)).toBe(0)
  })
})

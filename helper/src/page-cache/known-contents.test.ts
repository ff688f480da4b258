import { describe, expect, it } from 'vitest'
import { KnownContents } from './known-contents.ts'

const images = [{ id: 'a' }, { id: 'b' }]

function follow(limitPages: number): KnownContents {
  const known = new KnownContents()
  known.follow(images, limitPages)
  return known
}

function tell(known: KnownContents, id: string, version: string, first = 0, pages = 128) {
  const residency = new Uint8Array(pages).fill(1)
  const told: [number, number, number][] = []
  const count = known.knownImage(id, version).tell(first, pages, residency, (...page) => told.push(page))
  expect(count).toBe(told.length)
  return { told, left: [...residency.keys()].filter((page) => residency[page] === 1) }
}

describe('known contents', () => {
  it('tells of the resident pages that were kept, and leaves the others', () => {
    const known = follow(1024)
    const image = known.knownImage('a', '1')
    for (const page of [0, 31, 32, 63, 64, 127]) image.keep(page, page + 1, 0xffff_ffff - page)
    const { told, left } = tell(known, 'a', '1')
    expect(told).toEqual([0, 31, 32, 63, 64, 127].map((page) => [page, page + 1, 0xffff_ffff - page]))
    expect(left).toHaveLength(122)

    const residency = new Uint8Array(64)
    residency[63] = 1
    const counted: number[] = []
    known.knownImage('a', '1').tell(64, 64, residency, (page) => counted.push(page))
    expect(counted).toEqual([63])
  })

  it('knows nothing of an image once its version is another, nor when that comes back', () => {
    const known = follow(1024)
    known.knownImage('a', '1').keep(5, 1, 2)
    known.knownImage('b', '1').keep(5, 3, 4)
    expect(tell(known, 'a', '2').told).toEqual([])
    expect(tell(known, 'a', '1').told).toEqual([])
    expect(tell(known, 'b', '1').told).toEqual([[5, 3, 4]])
    known.forgetImage('b')
    expect(tell(known, 'b', '1').told).toEqual([])
  })

  it('forgets images that have gone', () => {
    const known = follow(1024)
    for (const { id } of images) known.knownImage(id, '1').keep(0, 1, 2)
    known.follow([{ id: 'b' }], 1024)
    expect(tell(known, 'a', '1').told).toEqual([])
    expect(tell(known, 'b', '1').told).toHaveLength(1)
  })

  it('keeps no more pages than it may, of all images', () => {
    const known = follow(128)
    known.knownImage('a', '1').keep(0, 1, 2)
    const b = known.knownImage('b', '1')
    for (let page = 0; page < 256; page += 64) b.keep(page, 1, 2)
    expect(tell(known, 'b', '1', 0, 256).told.map(([page]) => page)).toEqual([0])
    known.follow(images, 64)
    expect(tell(known, 'a', '1').told).toEqual([])
    known.knownImage('a', '1').keep(0, 1, 2)
    expect(tell(known, 'a', '1').told).toHaveLength(1)
    known.follow(images, 0)
    known.knownImage('a', '1').keep(0, 1, 2)
    expect(tell(known, 'a', '1').told).toEqual([])
  })
})

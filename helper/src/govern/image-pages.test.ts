import { describe, expect, it } from 'vitest'
import { ImagePages } from './image-pages.ts'

const regionPages = 64

function residencyOf(...runs: readonly (readonly [number, number])[]): Uint8Array {
  const residency = new Uint8Array(regionPages)
  for (const [from, to] of runs) residency.fill(1, from, to)
  return residency
}

const at = (nowSeconds: number) => ({ nowSeconds, regretWindowSeconds: 60 })

describe('what two looks at an image tell', () => {
  it('knows nothing of a region without pages', () => {
    expect(new ImagePages(regionPages).observeRegion(0, residencyOf(), at(1))).toBeUndefined()
  })

  it.each([
    ['short runs', residencyOf([0, 31], [33, 64]), 62, 0],
    ['a run of 32', residencyOf([0, 32]), 32, 32],
    ['a long run beside a single page', residencyOf([0, 40], [50, 51]), 41, 40],
  ])('tells sequential arrivals apart: %s', (_name, residency, arrivedPages, sequentialPages) => {
    const seen = new ImagePages(regionPages).observeRegion(3, residency, at(1))
    expect(seen).toMatchObject({ residentPages: arrivedPages, arrivedPages, sequentialPages })
  })

  it('counts arrivals since the last look only', () => {
    const pages = new ImagePages(regionPages)
    pages.observeRegion(0, residencyOf([0, 8]), at(1))
    expect(pages.observeRegion(0, residencyOf([4, 10]), at(2))).toMatchObject({
      residentPages: 6,
      arrivedPages: 2,
    })
    expect(pages.observeRegion(0, residencyOf(), at(3))).toBeUndefined()
    expect(pages.observeRegion(0, residencyOf([0, 8]), at(4))).toMatchObject({ arrivedPages: 8 })
  })

  it('counts what we evicted and came back within the window as returned, once', () => {
    const pages = new ImagePages(regionPages)
    pages.observeRegion(0, residencyOf([0, 8]), at(1))
    expect(pages.noteEvicted(0, residencyOf([0, 2]), 2)).toBe(6)
    expect(pages.observeRegion(0, residencyOf([0, 4]), at(3))).toMatchObject({
      arrivedPages: 2,
      returnedPages: 2,
    })
    pages.observeRegion(0, residencyOf([0, 2]), at(4))
    expect(pages.observeRegion(0, residencyOf([0, 4]), at(5))).toMatchObject({
      arrivedPages: 2,
      returnedPages: 0,
    })
    expect(pages.observeRegion(0, residencyOf([0, 8]), at(63))).toMatchObject({
      arrivedPages: 4,
      returnedPages: 0,
    })
  })

  it('does not count as evicted what was cut off with the end of the image', () => {
    const pages = new ImagePages(regionPages)
    pages.observeRegion(0, residencyOf([0, 8]), at(1))
    expect(pages.noteEvicted(0, residencyOf(), 2, 5)).toBe(5)
    expect(pages.observeRegion(0, residencyOf([0, 8]), at(3))).toMatchObject({
      arrivedPages: 8,
      returnedPages: 5,
    })
  })

  it('remembers evictions of a region that is empty in between', () => {
    const pages = new ImagePages(regionPages)
    pages.observeRegion(0, residencyOf([0, 8]), at(1))
    pages.noteEvicted(0, residencyOf(), 2)
    pages.observeRegion(0, residencyOf(), at(3))
    expect(pages.observeRegion(0, residencyOf([0, 8]), at(4))).toMatchObject({ returnedPages: 8 })
  })

  it('says nothing of double caching before a measurement', () => {
    const seen = new ImagePages(regionPages).observeRegion(0, residencyOf([0, 8]), at(1))
    expect(seen).not.toHaveProperty('doubleCachedPages')
  })

  it('takes a page that left and came back after the measurement as not compared', () => {
    const pages = new ImagePages(regionPages)
    pages.observeRegion(0, residencyOf([0, 8]), at(1))
    pages.beginComparing()
    for (let page = 0; page < 8; page += 1) pages.markCompared(page, page < 6, page < 2)
    pages.endComparing()
    expect(pages.observeRegion(0, residencyOf([0, 8]), at(2))).toMatchObject({
      doubleCachedPages: 6,
      heldByAllPages: 2,
    })
    expect(pages.isHeld(0, 5, false)).toBe(true)
    expect(pages.isHeld(0, 5, true)).toBe(false)
    pages.observeRegion(0, residencyOf([4, 8]), at(3))
    expect(pages.observeRegion(0, residencyOf([0, 8]), at(4))).toMatchObject({
      doubleCachedPages: 2,
      heldByAllPages: 0,
    })
  })

  it('shows what the measurement before found until the next has ended', () => {
    const pages = new ImagePages(regionPages)
    const measure = (held: number) => {
      pages.beginComparing()
      for (let page = 0; page < 8; page += 1) pages.markCompared(page, page < held, false)
    }
    const doubles = (seconds: number) =>
      pages.observeRegion(0, residencyOf([0, 8]), at(seconds))?.doubleCachedPages
    measure(6)
    expect(doubles(1)).toBeUndefined()
    pages.endComparing()
    expect(doubles(2)).toBe(6)
    measure(3)
    expect(doubles(3)).toBe(6)
    pages.endComparing()
    expect(doubles(4)).toBe(3)
  })

  it('keeps what was compared before its first look', () => {
    const pages = new ImagePages(regionPages)
    pages.beginComparing()
    pages.markCompared(regionPages + 3, true, true)
    pages.endComparing()
    expect(pages.observeRegion(1, residencyOf([3, 5]), at(1))).toMatchObject({
      arrivedPages: 2,
      doubleCachedPages: 1,
      heldByAllPages: 1,
    })
  })
})

describe('what may be read back', () => {
  function evicted(): ImagePages {
    const pages = new ImagePages(regionPages)
    pages.observeRegion(2, residencyOf([0, 8]), at(1))
    pages.noteEvicted(2, residencyOf([0, 2]), 5)
    return pages
  }

  it('is what was evicted within the window and has not come back, once', () => {
    const pages = evicted()
    pages.observeRegion(2, residencyOf([0, 3]), at(6))
    expect(pages.takeEvicted(at(10), 3)).toEqual([131, 132, 133])
    expect(pages.takeEvicted(at(10), 100)).toEqual([134, 135])
    expect(pages.takeEvicted(at(10), 100)).toEqual([])
  })

  it('is not missed when it comes back', () => {
    const pages = evicted()
    pages.takeEvicted(at(10), 100)
    expect(pages.observeRegion(2, residencyOf([0, 8]), at(11))?.returnedPages).toBe(0)
  })

  it('is nothing once the window is over', () => {
    expect(evicted().takeEvicted(at(100), 100)).toEqual([])
  })
})

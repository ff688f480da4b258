import { describe, expect, it } from 'vitest'
import { balanceOf, describeCost, priceOfRuns, type ScrubWorth, unknownWorth } from './scrub-worth.ts'

const known: ScrubWorth = {
  ...unknownWorth,
  areGuestsKnown: true,
  seenSeconds: 60,
  storageReads: 150,
  guests: new Map([
    ['db', { images: ['/db'], askedPages: 300, fetchedPages: 100, quietHits: 200 }],
    ['stream', { images: ['/stream'], askedPages: 3200, fetchedPages: 3200, quietHits: 0 }],
  ]),
}

describe('the price of a page that comes in a run', () => {
  it.each([
    ['is assumed while little comes in runs', { sequentialPages: 10 }, 1 / 32],
    ['is what storage was seen to do for it', { sequentialPages: 3200, shortRuns: 50 }, 100 / 3200],
    ['is high where runs come in small pieces', { sequentialPages: 500, shortRuns: 50 }, 0.2],
    ['is never more than a read', { sequentialPages: 100, shortRuns: 0, storageReads: 900 }, 1],
  ])('%s', (_, more, price) => {
    expect(priceOfRuns({ ...known, ...more }, 1 / 32)).toBeCloseTo(price)
  })
})

describe('what evicting a stream brings', () => {
  const stream = { images: new Set(['/stream']), roomPages: 1000, runPrice: 1 / 32 }
  const seen = new Map([['/db', 5000]])

  it('is what others hit, and what the room would have hit', () => {
    const shadowed = { ...known, shadowHits: new Map([['/db', 30]]) }
    expect(balanceOf(shadowed, seen, stream)).toMatchObject({
      savedReads: 230,
      causedReads: 0,
      untoldReads: 0,
    })
  })

  it('costs the hits that the stream had while nothing was evicted', () => {
    const hit = { images: ['/stream'], askedPages: 3200, fetchedPages: 0, quietHits: 3200 }
    const guests = new Map([...known.guests, ['stream', hit] as const])
    expect(balanceOf({ ...known, guests }, seen, stream).causedReads).toBe(100)
  })

  it('is not told before twice as much has arrived as the room holds', () => {
    expect(balanceOf(known, new Map([['/db', 1999]]), stream).untoldReads).toBe(100)
  })

  it('is partly unknown where a guest reads past the kernel’s count', () => {
    const guests = new Map([['db', { images: ['/db'], fetchedPages: 100, quietHits: 0 }]])
    expect(balanceOf({ ...known, guests }, seen, stream).isPartial).toBe(true)
  })
})

describe('what evicting for memory’s sake costs', () => {
  it('is the share of hits that goes with the pages', () => {
    expect(describeCost({ ...known, shortRuns: 1, shortRunPages: 2 }, 500, 1000)).toContain(
      'up to 50.0 reads/s',
    )
  })

  it('is not known before guests were seen reading', () => {
    expect(describeCost(unknownWorth, 500, 1000)).toContain('not known yet')
  })
})

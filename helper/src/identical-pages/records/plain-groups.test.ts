import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../../src/shared/statistics/random.ts'
import { Holders, PairPages } from './holders.ts'
import { PlainGroups } from './plain-groups.ts'
import { asCachedSigned, asSigned, recordWords, siteKind, siteWord } from './record-layout.ts'

const guests = 3

/** KSM may merge all guests but this one. */
const unmergeableGuest = 2

const wordOf = (guest: number) =>
  siteWord(guest === unmergeableGuest ? siteKind.unmergeable : siteKind.private, guest)

/** Contents in order, each as the guests of its pages. */
function recordsOf(contents: readonly (readonly number[])[]): Int32Array {
  const words = contents.flatMap((holders, content) =>
    holders.flatMap((guest) => [content, 7, wordOf(guest)]),
  )
  return asSigned(Uint32Array.from(words))
}

/** The same by the way that all other contents take. */
function addSlowly(contents: readonly (readonly number[])[]) {
  const sums = { identical: [0, 0, 0], mergeable: [0, 0, 0], pairs: new PairPages(guests) }
  for (const holders of contents.filter(({ length }) => length > 1)) {
    const held = new Holders(guests)
    for (const guest of holders) held.addSite(guest)
    const frames = holders.filter((guest) => guest !== unmergeableGuest).length
    for (const guest of holders) {
      sums.identical[guest] = (sums.identical[guest] ?? 0) + 1
      if (guest !== unmergeableGuest)
        sums.mergeable[guest] = (sums.mergeable[guest] ?? 0) + (frames - 1) / frames
      sums.pairs.addPages(guest, held.once, held.twice, 0, 1)
    }
  }
  return sums
}

function addAll(words: Int32Array, pairs = new PairPages(guests)) {
  const plain = new PlainGroups(guests, pairs, 1)
  const length = words.length / recordWords
  return { plain, pairs, at: plain.addGroups(words, length, 0, length) }
}

describe('PlainGroups', () => {
  it('adds up what the way of other contents does', () => {
    const random = createRandom(11)
    const contents = Array.from({ length: 400 }, () =>
      Array.from({ length: 1 + Math.floor(random.next() ** 3 * 8) }, () =>
        Math.floor(random.next() * guests),
      ),
    )
    const { plain, pairs, at } = addAll(recordsOf(contents))
    const slow = addSlowly(contents)
    expect(at).toBe(contents.flat().length)
    expect(plain.count).toBe(contents.filter((one) => one.some((guest) => guest !== unmergeableGuest)).length)
    expect([...plain.identical]).toEqual(slow.identical)
    for (const [guest, share] of slow.mergeable.entries())
      expect(plain.mergeable[guest]).toBeCloseTo(share, 9)
    for (let pair = 0; pair < guests ** 2; pair += 1)
      expect(pairs.pagesShared(pair % guests, Math.floor(pair / guests))).toBe(
        slow.pairs.pagesShared(pair % guests, Math.floor(pair / guests)),
      )
  })

  it.each([
    ['is cached', asCachedSigned(siteWord(siteKind.private, 1))],
    ['is merged', siteWord(siteKind.merged, 1)],
    ['stands for all zeros', siteWord(siteKind.zero, 0)],
  ])('stops before a content of which a page %s', (_, word) => {
    const words = recordsOf([[0], [1, 2, 0], [2]])
    words[3 * recordWords - 1] = word
    const { plain, at } = addAll(words)
    expect(at).toBe(1)
    expect(plain.count).toBe(1)
    expect([...plain.identical]).toEqual([0, 0, 0])
  })

  it('leaves contents of several pages alone where a word cannot tell the guests apart', () => {
    const many = 33
    const plain = new PlainGroups(many, new PairPages(many), 1)
    expect(plain.addGroups(recordsOf([[32], [0, 32], [1]]), 4, 0, 4)).toBe(1)
    expect(plain.count).toBe(1)
  })
})

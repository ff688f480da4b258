import { describe, expect, it } from 'vitest'
import { indexAfterKey, indexesToDraw, linesOf, piecesOf, roundRange, sectionsOf } from './table-lines.ts'

const row = (id: string) => ({ id, original: id })
const group = (key: string, holds: (id: string) => boolean) => ({ key, head: key, holds })
const kinds = (text: string) => [...text].map((letter) => (letter === 'h' ? 'head' : 'row'))

describe('lines of a table', () => {
  it('are its rows, or each group’s head and rows; a row of two groups is two lines', () => {
    const rows = ['a', 'b', 'c'].map(row)
    expect(linesOf(rows, undefined).map(({ key }) => key)).toEqual(['a', 'b', 'c'])
    const groups = [group('x', (id) => id !== 'c'), group('', (id) => id !== 'a')]
    expect(linesOf(rows, groups).map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      'head x/',
      'row x/a',
      'row x/b',
      'head /',
      'row /b',
      'row /c',
    ])
    expect(linesOf([], groups)).toEqual([])
  })
})

describe('the lines to draw', () => {
  it.each([
    ['rrrrrrrrrr', 4, 5, 1, undefined, [3, 4, 5, 6]],
    ['rrrrrrrrrr', 0, 1, 2, undefined, [0, 1, 2, 3]],
    ['rrrrrrrrrr', 8, 9, 2, undefined, [6, 7, 8, 9]],
    ['rrrrrrrrrr', 4, 5, 1, 9, [3, 4, 5, 6, 9]],
    ['rrrrrrrrrr', 4, 5, 1, 0, [0, 3, 4, 5, 6]],
    // The head of the group that is seen, and of the group of the kept row.
    ['hrrhrrrhrr', 5, 6, 0, undefined, [3, 5, 6]],
    ['hrrhrrrhrr', 5, 6, 0, 9, [3, 5, 6, 7, 9]],
    ['hrrhrrrhrr', 3, 4, 0, undefined, [3, 4]],
  ])('of %s, %i to %i with %i more and %s kept', (text, startIndex, endIndex, overscan, kept, drawn) => {
    expect(indexesToDraw(kinds(text), { startIndex, endIndex, overscan }, kept)).toEqual(drawn)
  })

  it.each([
    [0, 5, 0, 15],
    [4, 11, 0, 15],
    [11, 12, 0, 23],
    [12, 20, 8, 31],
    [23, 27, 16, 31],
  ])('come and go in blocks of eight, four at least on either side: %i to %i', (from, to, first, last) => {
    const range = { startIndex: from, endIndex: to, overscan: 4 }
    expect(roundRange(range, 8)).toEqual({ startIndex: first, endIndex: last, overscan: 0 })
  })

  it('stand between gaps as high as what is left out', () => {
    const placed = [0, 3, 4].map((index) => ({ index, start: index * 10, end: index * 10 + 10 }))
    expect(piecesOf(placed, 100)).toEqual([
      { index: 0 },
      { gap: 20, nth: 0 },
      { index: 3 },
      { index: 4 },
      { gap: 50, nth: 1 },
    ])
    expect(piecesOf([], 0)).toEqual([])
    expect(piecesOf(placed.slice(0, 1), 10)).toEqual([{ index: 0 }])
  })

  it('are cut into a section for each head, the gap before the first apart', () => {
    const pieces = [{ gap: 5, nth: 0 }, { index: 3 }, { index: 4 }, { index: 5 }, { gap: 9, nth: 1 }]
    expect(sectionsOf(pieces, (index) => index === 3 || index === 5)).toEqual([
      [{ gap: 5, nth: 0 }],
      [{ index: 3 }, { index: 4 }],
      [{ index: 5 }, { gap: 9, nth: 1 }],
    ])
  })
})

describe('keys', () => {
  it.each([
    ['rrr', 0, 'ArrowDown', 1],
    ['rrr', 2, 'ArrowDown', undefined],
    ['rrr', 0, 'ArrowUp', undefined],
    ['rrr', 2, 'ArrowUp', 1],
    ['hrhr', 1, 'ArrowDown', 3],
    ['hrhr', 3, 'ArrowUp', 1],
    ['hrhr', 1, 'ArrowUp', undefined],
    ['hrhr', 3, 'Home', 1],
    ['hrrr', 1, 'End', 3],
    ['rrr', 1, 'PageDown', undefined],
    // The row has left the table by now.
    ['rrr', -1, 'ArrowUp', undefined],
    ['rrr', -1, 'ArrowDown', 0],
  ])('in %s from %i by %s', (text, from, key, to) => {
    expect(indexAfterKey(kinds(text), from, key)).toBe(to)
  })
})

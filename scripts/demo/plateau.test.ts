import { describe, expect, it } from 'vitest'
import { isPlateau } from './plateau.ts'

const readings = (...merged: number[]) =>
  merged.map((mergedBytes, second) => ({ at: second * 1000, mergedBytes, fullScans: second }))

describe('isPlateau', () => {
  it.each([
    ['nothing was read', [], false],
    ['it has just begun', [0, 100, 200], false],
    ['it still grows', [0, 100, 200, 300, 400, 500, 600, 700, 800], false],
    ['it stands still', [0, 500, 990, 1000, 1000, 1000, 1000, 1000, 1000], true],
    ['nothing ever merges', [0, 0, 0, 0, 0, 0, 0, 0], true],
  ])('when %s', (_, merged, expected) => {
    expect(isPlateau(readings(...merged))).toBe(expected)
  })

  it('waits for full scans', () => {
    const slow = readings(0, 9, 9, 9, 9, 9, 9, 9, 9).map((reading) => ({ ...reading, fullScans: 0 }))
    expect(isPlateau(slow)).toBe(false)
  })
})

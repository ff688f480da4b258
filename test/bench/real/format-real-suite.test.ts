import { describe, expect, it } from 'vitest'
import { formatRatio } from './format-real-suite.ts'

describe('the interval of ratios', () => {
  it.each<[readonly number[], string]>([
    [[], 'no pair'],
    [[0.9], '0.90x'],
    [[1, 1, 1], '1.00x, 1.00 to 1.00'],
    // The logarithms are -0.105 and 0.095: 12.71 x 0.1003 to each side of -0.005.
    [[0.9, 1.1], '0.99x, 0.28 to 3.56'],
  ])('%j is %s', (ratios, text) => {
    expect(formatRatio(ratios)).toBe(text)
  })
})

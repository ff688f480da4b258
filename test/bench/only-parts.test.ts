import { describe, expect, it } from 'vitest'
import { askedParts } from './only-parts.ts'

describe('parts that --only names', () => {
  it('are all without it, and come in their own order with it', () => {
    expect(askedParts(undefined, ['gain', 'same'])).toEqual(['gain', 'same'])
    expect(askedParts(['same', 'gain'], ['gain', 'same'])).toEqual(['gain', 'same'])
    expect(askedParts(['same'], ['gain', 'same'])).toEqual(['same'])
  })

  it('are refused where one is not there, before anything is measured', () => {
    expect(() => askedParts(['same', 'gian'], ['gain', 'same'])).toThrow(
      'cannot measure "gian": no such part; --only takes gain, same',
    )
  })
})

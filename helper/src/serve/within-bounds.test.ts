import { describe, expect, it } from 'vitest'
import { most } from '../../../src/shared/contract/bounded.ts'
import { withinBounds } from './within-bounds.ts'

const problem = { code: 'gone', message: 'gone' } as const
const many = (count: number) => Array.from({ length: count }, (_, index) => ({ path: `/${index}`, problem }))

describe('withinBounds', () => {
  it('leaves what fits as it is', () => {
    const document = {
      guests: many(most.guests),
      images: many(most.images),
      unreadable: many(most.unreadable),
    }
    expect(withinBounds(document)).toBe(document)
  })

  it('cuts what does not fit, and says how much', () => {
    const cut = withinBounds({
      guests: many(most.guests + 3),
      images: many(most.images + 4),
      unreadable: many(most.unreadable + 5),
    })
    expect([cut.guests.length, cut.images.length, cut.unreadable.length]).toEqual([
      most.guests,
      most.images,
      most.unreadable,
    ])
    expect(cut.unreadable.slice(-3).map((one) => one.problem.message)).toEqual([
      'left out 3 guests: more than can be told',
      'left out 4 images: more than can be told',
      'left out 8 entries of this list: more than can be told',
    ])
  })

  it('keeps documents without such lists', () => {
    expect(withinBounds({ unreadable: [] })).toEqual({ unreadable: [] })
  })
})

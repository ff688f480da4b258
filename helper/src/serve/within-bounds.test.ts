import { describe, expect, it } from 'vitest'
import { most } from '../../../src/shared/contract/bounded.ts'
import { maxFrameBytes } from './frames.ts'
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

describe('withinBounds, by size', () => {
  /** As long as a path can be, each character of which JSON spells with six. */
  const long = (index: number) => `/${index}`.padEnd(4095, '\u0001')
  const images = (count: number, pathOf: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => ({ path: pathOf(index), residentBytes: 1 }))
  const sizeOf = (document: unknown) => Buffer.byteLength(JSON.stringify(document))
  const saidOf = ({
    unreadable,
  }: {
    readonly unreadable: readonly { readonly problem: { readonly message: string } }[]
  }) => unreadable.map((one) => one.problem.message)

  it('leaves the names that take least room, and says how many others there are', () => {
    const honest = images(300, (index) => `/var/lib/images/${index}.qcow2`)
    const cut = withinBounds({ images: [...images(400, long), ...honest], unreadable: [] })
    expect(sizeOf(cut)).toBeLessThanOrEqual(maxFrameBytes)
    expect(cut.images.slice(-300)).toEqual(honest)
    expect(cut.images.length).toBeGreaterThan(600)
    expect(saidOf(cut)).toEqual([`left out ${700 - cut.images.length} images: more than can be told`])
  })

  it('cuts words before it drops what they are about', () => {
    const words = { code: 'gone', message: '\u0001'.repeat(4096), remedy: '\u0001'.repeat(4096) } as const
    const guests = Array.from({ length: 900 }, (_, pid) => ({ pid, name: `g${pid}`, monitorProblem: words }))
    const unreadable = Array.from({ length: 1024 }, (_, index) => ({ path: long(index), problem: words }))
    const cut = withinBounds({ guests, unreadable })
    expect(sizeOf(cut)).toBeLessThanOrEqual(maxFrameBytes)
    expect(cut.guests.map(({ name }) => name)).toEqual(guests.map(({ name }) => name))
    expect(cut.unreadable.length).toBeLessThanOrEqual(most.unreadable)
  })

  it('keeps every strip of a map in its place', () => {
    const strips = images(2000, long).map(({ path }, index) => ({ index, name: path, path, pages: 1 }))
    const cut = withinBounds({ strips, unreadable: [] })
    expect(sizeOf(cut)).toBeLessThanOrEqual(maxFrameBytes)
    expect(cut.strips.map(({ index }) => index)).toEqual(strips.map(({ index }) => index))
  })
})

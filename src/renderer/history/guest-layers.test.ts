import { describe, expect, it } from 'vitest'
import { lineColors } from '../design/quantities.ts'
import { guestLayers } from './guest-layers.ts'

const many = Object.fromEntries(
  Array.from({ length: 20 }, (_, index) => [`web-${index}`, [index, null, index]]),
)
const namesOf = (layers: ReturnType<typeof guestLayers>) => layers.map(({ label }) => label)

describe('the guests of a chart', () => {
  it('are named in the order of their numbers, each in a colour of its own', () => {
    const layers = guestLayers({ 'web-10': [1], 'web-2': [2] }, 'highest')
    expect(namesOf(layers)).toEqual(['web-2', 'web-10'])
    expect(layers.map(({ color }) => color)).toEqual(lineColors.slice(0, 2))
    expect(layers.filter(({ isBackground }) => isBackground)).toEqual([])
  })

  it.each([
    ['highest' as const, [14, 15, 16, 17, 18, 19]],
    ['lowest' as const, [0, 1, 2, 3, 4, 5]],
  ])('are told apart where there are many: those with the %s figures', (notable, indexes) => {
    const layers = guestLayers({ ...many, silent: [null, null, null] }, notable)
    const coloured = layers.filter(({ isBackground }) => !isBackground)
    expect(namesOf(coloured)).toEqual(indexes.map((index) => `web-${index}`))
    expect(new Set(coloured.map(({ color }) => color)).size).toBe(lineColors.length)
    expect(layers).toHaveLength(21)
    expect(layers.slice(0, lineColors.length)).toEqual(coloured)
  })

  it('are one on the page of a guest, also where its name has its process with it', () => {
    expect(namesOf(guestLayers(many, 'highest', { name: 'web-3', pid: 7 }))).toEqual(['web-3'])
  })
})

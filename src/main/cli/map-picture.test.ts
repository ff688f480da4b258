import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type MemoryMap, pageStates, pageTraits } from '../../shared/contract/index.ts'
import { stateWords } from '../../shared/memory-map/map-words.ts'
import { drawMap } from './map-picture.ts'
import { encodePng } from './png.ts'

const [unique, zero] = [pageStates.indexOf('unique'), pageStates.indexOf('zero')]
const map: MemoryMap = {
  id: 'm',
  at: 0,
  pageSize: 4096,
  contents: true,
  strips: [
    {
      index: 0,
      kind: 'guest',
      pid: 7,
      name: 'a name that is much longer than the picture is wide '.repeat(4),
      pages: 1000,
      stateBytes: pageStates.map((_, state) =>
        state === unique ? 4096 * 600 : state === zero ? 4096 * 400 : 0,
      ),
      traitBytes: pageTraits.map(() => 0),
    },
  ],
  cost: { wallSeconds: 1, cpuSeconds: 1, hashedBytes: 0, peakRssBytes: 0 },
  unreadable: [],
}
const cells = {
  strips: [{ index: 0, from: 0, to: 1000, cellPages: 1, runs: [600, 1 << unique, 1, 400, 1 << zero, 1] }],
}
const picture = drawMap(map, cells, 'host')

/** Cells are two pixels wide and high, 512 to a line. */
function colorOfCell(cell: number): string {
  const { width, height, pixels } = picture
  const top = height - 16 - 6 - 2 * 2
  const at = ((top + Math.floor(cell / 512) * 2) * width + 16 + (cell % 512) * 2) * 3
  return `#${[...pixels.subarray(at, at + 3)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

describe('the picture of a map', () => {
  it('has each cell in the colour of its state, in lines from left to right', () => {
    const colors = [0, 511, 599, 600, 999].map(colorOfCell)
    const [blue, yellow] = [stateWords.unique.light, stateWords.zero.light]
    expect(colors).toEqual([blue, blue, blue, yellow, yellow])
    expect(colorOfCell(1000)).toBe('#ffffff')
  })

  it('is a PNG whose lines are the pixels', () => {
    const png = encodePng(picture)
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([picture.width, picture.height])
    const from = png.indexOf('IDAT') + 4
    const lines = inflateSync(png.subarray(from, from + png.readUInt32BE(from - 8)))
    expect(lines).toHaveLength(picture.height * (picture.width * 3 + 1))
    expect([...lines.subarray(1, 10)]).toEqual([...picture.pixels.subarray(0, 9)])
  })

  it('writes text that shows, and ends where the picture does', () => {
    const dark = picture.pixels.filter((byte) => byte === 0x1b).length
    expect(dark).toBeGreaterThan(500)
  })
})

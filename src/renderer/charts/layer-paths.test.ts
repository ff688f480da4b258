import { describe, expect, it } from 'vitest'
import { chartRows } from './chart-rows.ts'
import { layerPaths } from './layer-paths.ts'

const scale = { width: 100, height: 50, from: 0, to: 10, highest: 10 }
const at = [0, 2, 4, 6]
const layerOf = (key: string, values: readonly (number | null)[]) => ({
  key,
  label: key,
  color: 'red',
  values,
})

describe('lines', () => {
  it('run from the left to the right of the range, and from zero up', () => {
    const layers = [layerOf('a', [0, 10, 5, 2.5])]
    const [path] = layerPaths(chartRows(at, layers), layers, false, scale)
    expect(path).toEqual({ key: 'a', color: 'red', line: 'M0,50L20,0L40,25L60,37.5' })
  })

  it('break off where a value is missing, and show a lone value', () => {
    const layers = [layerOf('a', [0, null, 10, 5]), layerOf('b', [null, 5, null, null])]
    const paths = layerPaths(chartRows(at, layers), layers, false, scale)
    expect(paths.map(({ line }) => line)).toEqual(['M0,50h0M40,0L60,25', 'M20,25h0'])
  })

  it('go on beyond the range, where they are cut off', () => {
    const layers = [layerOf('a', [10, 10, 10, 10])]
    const [path] = layerPaths(chartRows(at, layers), layers, false, { ...scale, from: 2, to: 4 })
    expect(path?.line).toBe('M-100,0L0,0L100,0L200,0')
  })
})

describe('areas', () => {
  it('stand on each other, also where one is missing', () => {
    const layers = [layerOf('a', [1, 1, 1, 1]), layerOf('b', [1, null, 1, 1]), layerOf('c', [2, 2, 2, 2])]
    const [a, b, c] = layerPaths(chartRows(at, layers), layers, true, scale)
    expect(a?.area).toBe('M0,45L20,45L40,45L60,45L60,50L40,50L20,50L0,50Z')
    expect(b?.area).toBe('M0,40L0,45ZM40,40L60,40L60,45L40,45Z')
    expect(c).toMatchObject({
      line: 'M0,30L20,35L40,30L60,30',
      area: 'M0,30L20,35L40,30L60,30L60,40L40,40L20,45L0,40Z',
    })
  })
})

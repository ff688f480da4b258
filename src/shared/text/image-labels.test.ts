import { describe, expect, it } from 'vitest'
import { imageKey, imageLabels } from './image-labels.ts'

describe('labels of images', () => {
  it.each([
    ['one', [{ path: '/a', id: '8:1:5@1' }], ['/a']],
    ['one of an earlier helper', [{ path: '/a' }], ['/a']],
    [
      'two containers with the same path',
      [
        { path: '/storage/data.img', id: '0:50:7@1' },
        { path: '/b', id: '8:1:6@1' },
        { path: '/storage/data.img', id: '0:51:7@1' },
      ],
      ['/storage/data.img [0:50:7@1]', '/b', '/storage/data.img [0:51:7@1]'],
    ],
    [
      'a file named as the label of another',
      [
        { path: '/a', id: '8:1:5' },
        { path: '/a', id: '8:1:6' },
        { path: '/a [8:1:5]', id: '8:1:7' },
      ],
      ['/a [8:1:5]', '/a [8:1:6]', '/a [8:1:5] [8:1:7]'],
    ],
  ])('%s', (_name, images, expected) => {
    expect(imageLabels(images)).toEqual(expected)
  })

  it('keeps within the longest path', () => {
    const path = `/${'a'.repeat(4095)}`
    const labels = imageLabels([
      { path, id: '8:1:5' },
      { path, id: '8:1:6' },
    ])
    expect(labels.map(({ length }) => length)).toEqual([4096, 4096])
    expect(new Set(labels).size).toBe(2)
  })
})

describe('the key of an image', () => {
  it('is its identity, or its path where an earlier helper told no identity', () => {
    expect(imageKey({ path: '/a', id: '8:1:5' })).toBe('8:1:5')
    expect(imageKey({ path: '/a' })).toBe('/a')
  })
})

import { describe, expect, it } from 'vitest'
import { explainExcludedGuest } from './exclusions.ts'
import { type Image, mergeImages } from './image.ts'
import { parseFormat } from './image-format.ts'

const image = (cacheMode: Image['cacheMode'], guest: number): Image => ({
  id: '8:1:5',
  path: '/a',
  label: '/a',
  places: [
    {
      root: { proc: '/p', sys: '/s' },
      pid: guest,
      fd: '3',
      credentials: { uid: 1, gid: 1, groups: [], readsAll: false },
    },
  ],
  format: 'raw',
  cacheMode,
  sizeBytes: 4096,
  guests: [guest],
})

describe('mergeImages', () => {
  it.each([
    ['direct', 'buffered', 'buffered'],
    ['buffered', 'direct', 'buffered'],
    ['direct', 'direct', 'direct'],
  ] as const)('takes %s and %s for %s', (known, other, mode) => {
    expect(mergeImages(image(known, 7), image(other, 8))).toMatchObject({ cacheMode: mode, guests: [7, 8] })
  })

  it('counts a guest once, and keeps 16 places', () => {
    let merged: Image | undefined
    for (let times = 0; times < 20; times += 1) merged = mergeImages(merged, image('buffered', 7))
    expect(merged?.guests).toEqual([7])
    expect(merged?.places).toHaveLength(16)
  })
})

describe('parseFormat', () => {
  const page = (text: string, at = 0) => {
    const bytes = new Uint8Array(512)
    bytes.set(Buffer.from(text, 'latin1'), at)
    return bytes
  }
  it.each([
    [page('QFI\xfb'), 'qcow2'],
    [page('vhdxfile'), 'other'],
    [page('KDMV'), 'other'],
    // VirtualBox.
    [page('\x7f\x10\xda\xbe', 64), 'other'],
    [page('\x7f\x10\xda\xbe'), 'raw'],
    [new Uint8Array(0), 'raw'],
  ])('%#: tells formats apart', (bytes, format) => {
    expect(parseFormat(bytes)).toBe(format)
  })
})

describe('explainExcludedGuest', () => {
  const exclusions = { guests: ['db'], images: [] }
  it.each([
    ['db', exclusions, ['excluded-by-policy']],
    ['web', exclusions, []],
    ['db', undefined, []],
  ] as const)('%s with %j: %j', (name, by, codes) => {
    expect(explainExcludedGuest(name, by).map(({ code }) => code)).toEqual(codes)
  })
})

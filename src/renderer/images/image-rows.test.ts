import { describe, expect, it } from 'vitest'
import type { AssessedImage, HostView, SampledImage } from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import { imageRows } from './image-rows.ts'

const path = '/storage/data.img'
const assessed = (id: string | undefined, guest: number): AssessedImage => ({
  path,
  ...withValue({ id }),
  format: 'raw',
  guests: [guest],
  cacheMode: 'buffered',
  residentBytes: guest,
  doubleCachedBytes: 0,
  why: [],
})
const sampled = (id: string, residentBytes: number): SampledImage => ({ path, id, residentBytes })
const view = (images: AssessedImage[], latest: SampledImage[]) =>
  ({
    assessment: {
      images,
      guests: [
        { pid: 1, name: 'web' },
        { pid: 2, name: 'db' },
      ],
    },
    latest: { images: latest },
  }) as unknown as HostView

describe('rows of images', () => {
  it('tell two containers apart that have the same path', () => {
    const rows = imageRows(
      view(
        [assessed('0:50:7@1', 1), assessed('0:51:7@1', 2)],
        [sampled('0:51:7@1', 20), sampled('0:50:7@1', 10)],
      ),
    )
    expect(rows.map(({ label, guests, sampled: now }) => [label, guests, now?.residentBytes])).toEqual([
      [`${path} [0:50:7@1]`, ['web'], 10],
      [`${path} [0:51:7@1]`, ['db'], 20],
    ])
    expect(new Set(rows.map(({ key }) => key)).size).toBe(2)
  })

  it('keep an image apart from the one that was at its path before', () => {
    const rows = imageRows(view([assessed('8:1:5@1', 1)], [sampled('8:1:5@2', 20)]))
    expect(rows.map(({ assessed: then, sampled: now }) => [then?.residentBytes, now?.residentBytes])).toEqual(
      [
        [1, undefined],
        [undefined, 20],
      ],
    )
  })

  it('have the path alone where one image has it', () => {
    const rows = imageRows(view([assessed('8:1:5@1', 1)], [sampled('8:1:5@1', 20)]))
    expect(rows.map(({ label }) => label)).toEqual([path])
  })
})

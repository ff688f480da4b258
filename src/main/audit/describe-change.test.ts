import { describe, expect, it } from 'vitest'
import { describeSwitch, describeTarget } from './describe-change.ts'

describe('audit words', () => {
  it.each([
    [{}, undefined],
    [{ flushDirty: false }, undefined],
    [{ flushDirty: true, images: ['/a', '/b'] }, 'flushDirty=on images=/a, /b'],
    [{ pagesToScan: 100, takeOver: undefined }, 'pagesToScan=100'],
    [{ guest: 'web', merge: false }, 'guest=web merge=off'],
    [{ guest: 4242, merge: true }, 'guest=4242 merge=on'],
  ])('names the target of %j', (params, target) => expect(describeTarget(params)).toBe(target))

  it('tells how the merging of a guest stood, stands, and by which way', () => {
    expect(
      describeSwitch({ pid: 1, name: 'web', before: 'partly', after: 'off', via: 'QMP socket /run/web.qmp' }),
    ).toEqual({
      before: 'merging partly',
      after: 'merging off',
      outcome: 'through QMP socket /run/web.qmp',
    })
  })
})

import { describe, expect, it } from 'vitest'
import { readDraft, startingPolicies, withKey, withMode } from './policy-draft.ts'

describe('a policy draft', () => {
  it.each(Object.entries(startingPolicies))(
    'starts from a policy of mode %s that is complete',
    (mode, text) => {
      expect(readDraft(text).policy?.scrub.mode).toBe(mode)
    },
  )

  it('sets, adds and takes out one key and keeps the others', () => {
    const text = withKey(startingPolicies.adaptive, ['ksm', 'cpuRatio'], 0.1)
    expect(readDraft(text).policy?.ksm).toMatchObject({ mode: 'govern', cpuRatio: 0.1 })
    const floors = withKey(text, ['scrub', 'guards', 'imageFloorBytes'], 4096)
    expect(JSON.parse(floors).scrub).toEqual({ mode: 'adaptive', guards: { imageFloorBytes: 4096 } })
    expect(JSON.parse(withKey(floors, ['ksm', 'cpuRatio'], undefined)).ksm).toEqual({ mode: 'govern' })
  })

  it('keeps its schedule when the mode changes', () => {
    const text = withKey(startingPolicies.adaptive, ['schedule'], {
      windows: [{ from: '22:00', to: '06:00' }],
    })
    const { policy } = readDraft(text)
    expect(readDraft(withMode(text, 'periodic')).policy?.schedule).toEqual(policy?.schedule)
    expect(withMode(startingPolicies.adaptive, 'reclaim')).toBe(startingPolicies.reclaim)
  })

  it('keeps exclusions, floors, guards and KSM when the mode changes, there and back', () => {
    const guards = { exclude: ['/a.img'], imageFloorBytes: 4096, regretRatio: 0.3 }
    const ksm = { mode: 'govern', exclude: ['web'], cpuRatio: 0.1, takeOver: true }
    const text = JSON.stringify({ scrub: { mode: 'adaptive', headRoomRatio: 0.2, guards }, ksm })
    const periodic = JSON.parse(withMode(text, 'periodic'))
    expect(periodic).toEqual({ scrub: { mode: 'periodic', everySeconds: 30, guards }, ksm })
    const observing = withMode(text, 'observe')
    expect(JSON.parse(observing)).toEqual({
      scrub: { mode: 'observe', guards },
      ksm: { mode: 'observe', exclude: ['web'], cpuRatio: 0.1 },
    })
    expect(readDraft(observing).error).toBeUndefined()
    expect(JSON.parse(withMode(observing, 'adaptive')).ksm).toMatchObject({
      mode: 'govern',
      exclude: ['web'],
    })
  })

  it('says why a text is no policy, and keeps the text', () => {
    expect(readDraft('{')).toMatchObject({ text: '{', error: expect.stringContaining('not JSON') })
    expect(readDraft('{"ksm":{"cpuRatio":9}}').error).toContain('ksm.cpuRatio')
  })
})

import { describe, expect, it } from 'vitest'
import { readDraft, startingPolicies, startOf, withKey } from './policy-draft.ts'

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
    expect(readDraft(startOf('periodic', policy)).policy?.schedule).toEqual(policy?.schedule)
    expect(startOf('reclaim', readDraft(startingPolicies.adaptive).policy)).toBe(startingPolicies.reclaim)
  })

  it('says why a text is no policy, and keeps the text', () => {
    expect(readDraft('{')).toMatchObject({ text: '{', error: expect.stringContaining('not JSON') })
    expect(readDraft('{"ksm":{"cpuRatio":9}}').error).toContain('ksm.cpuRatio')
  })
})

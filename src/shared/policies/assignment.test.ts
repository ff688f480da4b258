import { describe, expect, it } from 'vitest'
import type { NamedPolicy } from '../contract/named-policies.ts'
import { findAssignment, isSamePolicy } from './assignment.ts'
import { parsePolicyFile } from './policy-file.ts'

const named = (name: string, assigned: Partial<NamedPolicy>): NamedPolicy => ({
  name,
  version: 1,
  at: 1,
  author: 'root',
  text: '{}',
  hostIds: [],
  tags: [],
  ...assigned,
})

describe('the policy of a host', () => {
  const calm = named('calm', { tags: ['rack1', 'web'] })
  const bold = named('bold', { hostIds: ['a'], tags: ['db'] })

  it('is its own before that of a tag', () => {
    expect(findAssignment({ id: 'a', tags: ['web'] }, [calm, bold])).toEqual({ kind: 'one', policy: bold })
  })

  it('is that of its tags where they lead to one', () => {
    const found = findAssignment({ id: 'b', tags: ['web', 'rack1'] }, [calm, bold])
    expect(found).toEqual({ kind: 'one', policy: calm, tag: 'rack1' })
  })

  it('is none where tags lead to several, and they are named', () => {
    const found = findAssignment({ id: 'b', tags: ['db', 'web'] }, [calm, bold])
    expect(found).toEqual({ kind: 'several', names: ['calm', 'bold'] })
    expect(findAssignment({ id: 'b', tags: [] }, [calm, bold])).toEqual({ kind: 'none' })
  })
})

describe('what runs', () => {
  const running = parsePolicyFile('{"ksm":{"mode":"govern"},"scrub":{"mode":"adaptive"}}')

  it('is the same policy where defaults are spelled out or keys stand in another order', () => {
    expect(
      isSamePolicy('{"scrub":{"mode":"adaptive"},"ksm":{"cpuRatio":0.2,"mode":"govern"}}', running),
    ).toBe(true)
  })

  it('is another one where a key differs', () => {
    expect(
      isSamePolicy('{"scrub":{"mode":"adaptive"},"ksm":{"cpuRatio":0.3,"mode":"govern"}}', running),
    ).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { defaultChangePolicy } from '../../shared/policies/policy-file.ts'
import { Problem } from '../../shared/problem.ts'
import { describeRunning, explainReplace, refusedForOther } from './replace-policy.ts'

describe('a policy that is in the way of another', () => {
  const found =
    'cannot start the policy: the service has "scrub adaptive, KSM govern", which anna (::1) set on 2026'

  it('is told apart from every other refusal', async () => {
    const refuse = (code: 'other-policy' | 'busy') =>
      refusedForOther(() => Promise.reject(new Problem(code, found)))
    expect(await refuse('other-policy')).toMatchObject({ code: 'other-policy', message: found })
    await expect(refuse('busy')).rejects.toMatchObject({ code: 'busy' })
    expect(await refusedForOther(async () => 'started')).toBeUndefined()
  })

  it('is named with who set it and when before it is replaced', () => {
    const run = {
      id: 'r',
      policy: defaultChangePolicy(),
      mode: 'service',
      since: 0,
      who: 'anna',
      from: '::1',
      rounds: [],
    } as const
    const said = explainReplace(describeRunning({ ...run, rounds: [] }))
    expect(said).toMatch(
      /^The service runs “scrub adaptive, KSM govern”, which anna \(::1\) started on .*19(69|70)/,
    )
    expect(said).toContain('That policy ends')
    expect(explainReplace(found)).toContain('anna (::1) set on 2026. That policy ends')
  })
})

import { describe, expect, it } from 'vitest'
import type { ServiceStatus } from '../../shared/contract/index.ts'
import { defaultChangePolicy } from '../../shared/policies/policy-file.ts'
import { explainAct, offeredActs } from './service-acts.ts'

const previous = { version: '1', buildDigest: 'b', path: '/b' }
const running: ServiceStatus = { state: 'running', isThisBuild: true, hasPolicy: true }

describe('what can be done with a service', () => {
  it.each([
    [{ state: 'unsupported', hasPolicy: false }, []],
    [{ state: 'absent', hasPolicy: true }, ['install']],
    [running, ['remove']],
    [{ ...running, isThisBuild: false }, ['upgrade', 'remove']],
    [{ ...running, previous }, ['rollback', 'remove']],
    [{ state: 'failed', hasPolicy: true }, ['upgrade', 'remove']],
  ] as const)('%j: %j', (status, acts) => expect(offeredActs(status)).toEqual(acts))

  it('is explained before it is done: what becomes of the policy when nobody is connected', () => {
    expect(explainAct('install', undefined)).toContain('It waits until a policy is started here')
    expect(explainAct('install', defaultChangePolicy())).toContain('scrub adaptive, KSM govern')
    expect(explainAct('install', undefined)).toContain('goes on when the workbench disconnects')
    expect(explainAct('remove', undefined)).toContain('every setting is put back')
  })
})

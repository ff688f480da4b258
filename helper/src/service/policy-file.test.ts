import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultChangePolicy, defaultPolicy } from '../../../src/shared/policies/policy-file.ts'
import { ServicePolicyFile } from './policy-file.ts'

let folder: string
let places: { policy: string; stoppedPolicy: string; lastPolicy: string }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'service-policy-'))
  const config = join(folder, 'etc')
  mkdirSync(config, { mode: 0o700 })
  places = {
    policy: join(config, 'policy.json'),
    stoppedPolicy: join(config, 'policy.stopped.json'),
    lastPolicy: join(folder, 'state', 'service-policy.json'),
  }
})
afterEach(() => rmSync(folder, { recursive: true }))

const file = () => new ServicePolicyFile(places)

describe('the policy file of the service', () => {
  it('is nothing to run where there is none', () => expect(file().read()).toEqual({}))

  it('is what was saved, for root only', () => {
    file().save(defaultChangePolicy)
    expect(file().read()).toEqual({ policy: defaultChangePolicy })
    expect(statSync(places.policy).mode & 0o777).toBe(0o600)
  })

  it('gives way to the last good one when it is spoiled', () => {
    file().save(defaultChangePolicy)
    writeFileSync(places.policy, '{"scrub": {"mode": "fast"}}')
    const { policy, trouble } = file().read()
    expect(policy).toEqual(defaultChangePolicy)
    expect(trouble).toMatch(/scrub\.mode.*the service goes on with the last policy/)
  })

  it('only observes when it is spoiled from the start, and when what was kept is spoiled too', () => {
    writeFileSync(places.policy, '{')
    expect(file().read().policy).toEqual(defaultPolicy)
    mkdirSync(join(folder, 'state'), { mode: 0o700 })
    writeFileSync(places.lastPolicy, '{', { mode: 0o600 })
    expect(file().read().policy).toEqual(defaultPolicy)
    expect(file().read().trouble).toContain('only observes')
  })

  it.each<[string, () => void]>([
    ['other users may write it', () => chmodSync(places.policy, 0o666)],
    ['other users may write its folder', () => chmodSync(dirname(places.policy), 0o777)],
    [
      'it is a link to a file that other users may write',
      () => {
        const theirs = join(folder, 'theirs.json')
        writeFileSync(theirs, JSON.stringify(defaultPolicy))
        chmodSync(theirs, 0o666)
        rmSync(places.policy)
        symlinkSync(theirs, places.policy)
      },
    ],
  ])('gives way to the last good one where %s', (_, spoil) => {
    file().save(defaultChangePolicy)
    spoil()
    expect(file().read()).toEqual({
      policy: defaultChangePolicy,
      trouble: expect.stringMatching(
        /other users could have written it; the service goes on with the last policy/,
      ),
    })
  })

  it('is kept for people when the policy is stopped, and not run again', () => {
    file().save(defaultChangePolicy)
    file().setAside()
    expect(file().read()).toEqual({})
    expect(JSON.parse(readFileSync(places.stoppedPolicy, 'utf8'))).toEqual(defaultChangePolicy)
    file().setAside()
    file().remove()
    expect([places.policy, places.stoppedPolicy, places.lastPolicy].some(existsSync)).toBe(false)
  })
})

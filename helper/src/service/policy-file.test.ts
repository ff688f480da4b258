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
let places: ConstructorParameters<typeof ServicePolicyFile>[0]
let warned: string[]
const anna = { who: 'anna', from: '192.0.2.7', at: 1_700_000_000_000 }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'service-policy-'))
  const config = join(folder, 'etc')
  mkdirSync(config, { mode: 0o700 })
  places = {
    policy: join(config, 'policy.json'),
    stoppedPolicy: join(config, 'policy.stopped.json'),
    brokenPolicy: join(config, 'policy.broken.json'),
    lastPolicy: join(folder, 'state', 'service-policy.json'),
    policyOrigin: join(folder, 'state', 'service-policy-origin.json'),
  }
  warned = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const file = () => new ServicePolicyFile(places, (line) => warned.push(line))

describe('the policy file of the service', () => {
  it('is nothing to run where there is none', () => expect(file().read()).toEqual({}))

  it('is what was saved, for root only', () => {
    file().save(defaultChangePolicy(), anna)
    expect(file().read()).toEqual({
      policy: defaultChangePolicy(),
      origin: { ...anna, policy: defaultChangePolicy() },
    })
    expect(statSync(places.policy).mode & 0o777).toBe(0o600)
  })

  it('gives way to the last good one when it is spoiled', () => {
    file().save(defaultChangePolicy(), anna)
    writeFileSync(places.policy, '{"scrub": {"mode": "fast"}}')
    const { policy, trouble } = file().read()
    expect(policy).toEqual(defaultChangePolicy())
    expect(trouble).toMatch(
      /scrub\.mode.*set aside as .*policy\.broken\.json; the service goes on with the last policy/,
    )
  })

  it.each([
    ['is cut off', '{'],
    ['is of a newer version', JSON.stringify({ ...defaultChangePolicy(), version: 2 })],
  ])('is set aside where it %s, so that the next start runs the same without a fault', (_, text) => {
    writeFileSync(places.policy, text, { mode: 0o600 })
    expect(file().read()).toEqual({
      policy: defaultPolicy(),
      trouble: expect.stringMatching(/set aside as .*policy\.broken\.json; only observes/),
    })
    expect(readFileSync(places.brokenPolicy, 'utf8')).toBe(text)
    expect(file().read()).toEqual({ policy: defaultPolicy() })
  })

  it('only observes when what was kept is spoiled too', () => {
    writeFileSync(places.policy, '{', { mode: 0o600 })
    mkdirSync(join(folder, 'state'), { mode: 0o700 })
    writeFileSync(places.lastPolicy, '{', { mode: 0o600 })
    const { policy, trouble } = file().read()
    expect(policy).toEqual(defaultPolicy())
    expect(trouble).toContain('only observes')
  })

  it('is in force, and can be stopped, where nothing can be kept beside it', () => {
    // Stands for a full disk: no folder can be made there.
    writeFileSync(join(folder, 'state'), '')
    file().save(defaultChangePolicy(), anna)
    expect(file().read()).toEqual({ policy: defaultChangePolicy() })
    expect(warned).not.toEqual([])
    file().setAside()
    expect(file().read()).toEqual({})
  })

  it('is put back as it was for a policy that does not start', () => {
    const putNothingBack = file().save(defaultChangePolicy(), anna)
    putNothingBack()
    expect(existsSync(places.policy)).toBe(false)
    const byHand = '{ "ksm": { "mode": "govern" } }'
    writeFileSync(places.policy, byHand, { mode: 0o600 })
    file().save(defaultChangePolicy(), anna)()
    expect(readFileSync(places.policy, 'utf8')).toBe(byHand)
  })

  it('says who set it, and nobody once it was written by hand', () => {
    file().save(defaultChangePolicy(), anna)
    expect(file().describeSet(file().read().origin)).toBe(
      'which anna (192.0.2.7) set on 2023-11-14T22:13:20.000Z',
    )
    writeFileSync(places.policy, JSON.stringify(defaultPolicy()), { mode: 0o600 })
    const { origin } = file().read()
    expect(file().describeSet(origin)).toMatch(/^which was written to \S+policy\.json on 20/)
  })

  it.each<[string, () => void]>([
    ['other users may write it', () => chmodSync(places.policy, 0o666)],
    ['other users may write its folder', () => chmodSync(dirname(places.policy), 0o777)],
    [
      'it is a link to a file that other users may write',
      () => {
        const theirs = join(folder, 'theirs.json')
        writeFileSync(theirs, JSON.stringify(defaultPolicy()))
        chmodSync(theirs, 0o666)
        rmSync(places.policy)
        symlinkSync(theirs, places.policy)
      },
    ],
  ])('gives way to the last good one where %s', (_, spoil) => {
    file().save(defaultChangePolicy(), anna)
    spoil()
    expect(file().read()).toEqual({
      policy: defaultChangePolicy(),
      trouble: expect.stringMatching(
        /other users could have written it; the service goes on with the last policy/,
      ),
    })
  })

  it('is kept for people when the policy is stopped, and not run again', () => {
    file().save(defaultChangePolicy(), anna)
    file().setAside()
    expect(file().read()).toEqual({})
    expect(JSON.parse(readFileSync(places.stoppedPolicy, 'utf8'))).toEqual(defaultChangePolicy())
    file().setAside()
    file().remove()
    expect([places.policy, places.stoppedPolicy, places.lastPolicy].some(existsSync)).toBe(false)
  })
})

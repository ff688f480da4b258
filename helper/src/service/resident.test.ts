import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Policy } from '../../../src/shared/contract/policies.ts'
import type { PolicyStatus } from '../../../src/shared/contract/policy-runs.ts'
import { defaultChangePolicy, defaultPolicy } from '../../../src/shared/policies/policy-file.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { type FixtureHost, makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import type { PolicyStart } from '../govern/policy-engine.ts'
import { startKsm } from '../ksm/switch-ksm.ts'
import { type ServicePlaces, servicePlaces } from './places.ts'
import { Resident } from './resident.ts'

const anna = { who: 'anna', from: '192.0.2.7' }
const bert = { who: 'bert', from: '192.0.2.8' }
const gentler: Policy = { ...defaultChangePolicy(), ksm: { ...defaultChangePolicy().ksm, cpuRatio: 0.1 } }

/** Runs policies in name only, and notes what the policy file said at each start. */
class FakeEngine {
  readonly #file: string
  readonly asked: string[] = []
  refusal: Problem | undefined
  running: Policy | undefined
  saved: string | undefined

  constructor(file: string) {
    this.#file = file
  }

  get isRunning(): boolean {
    return this.running !== undefined
  }

  async start(policy: Policy, { adopts = false }: PolicyStart = {}): Promise<PolicyStatus> {
    this.saved = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : undefined
    this.asked.push(adopts ? 'adopt' : 'start')
    if (this.refusal !== undefined) throw this.refusal
    this.running = policy
    return {}
  }

  async stop(): Promise<PolicyStatus> {
    await this.end()
    return {}
  }

  async end({ keeps = false } = {}): Promise<void> {
    if (this.running !== undefined) this.asked.push(keeps ? 'keep' : 'put back')
    this.running = undefined
  }

  async status(): Promise<PolicyStatus> {
    return {}
  }

  async preview(): Promise<never> {
    throw new Error('nobody previews here')
  }
}

describe('the resident service', () => {
  let host: FixtureHost
  let folder: string
  let places: ServicePlaces
  let engine: FakeEngine
  let said: string[]
  let shown: string[]
  beforeEach(() => {
    host = makeFixtureHost('linux-6.18')
    folder = mkdtempSync(join(tmpdir(), 'resident-'))
    places = servicePlaces(host.context.folders, { SINGLETON_CONFIG_DIR: join(folder, 'etc') })
    engine = new FakeEngine(places.policy)
    said = []
    shown = []
  })
  afterEach(() => {
    host.remove()
    rmSync(folder, { recursive: true })
  })

  function resident(): Resident {
    const line = (level: string) => (text: string) => said.push(`${level}: ${text}`)
    return new Resident({
      context: host.context,
      places,
      journal: { error: line('error'), warning: line('warning'), info: line('info') },
      onStatus: (status) => shown.push(status),
      engine,
    })
  }
  const fileSays = () => JSON.parse(readFileSync(places.policy, 'utf8'))

  it('saves a policy before it runs it', async () => {
    await resident().start(defaultChangePolicy(), anna)
    expect(JSON.parse(engine.saved ?? '')).toEqual(defaultChangePolicy())
  })

  it('does not start what it cannot save, and goes on with what runs', async () => {
    const service = resident()
    await service.start(defaultChangePolicy(), anna)
    rmSync(join(folder, 'etc'), { recursive: true })
    writeFileSync(join(folder, 'etc'), '')
    await expect(service.start(gentler, anna, true)).rejects.toThrow(/ENOTDIR|it is not a folder/)
    expect([engine.asked, engine.running]).toEqual([['start'], defaultChangePolicy()])
  })

  it('leaves the file as it was for a policy that does not start', async () => {
    const service = resident()
    await service.start(defaultChangePolicy(), anna)
    engine.refusal = new Problem('out-of-space', 'cannot record the change')
    await expect(service.start(gentler, anna, true)).rejects.toMatchObject({ code: 'out-of-space' })
    expect(fileSays()).toEqual(defaultChangePolicy())
    engine.refusal = undefined
    const again = resident()
    await again.begin()
    await expect(again.start(gentler, bert)).rejects.toThrow(/which anna \(192\.0\.2\.7\) set on/)
  })

  describe('that an upgrade has started, and that waits for another helper', () => {
    let found: ReturnType<FixtureHost['readAll']>
    let service: Resident
    beforeEach(async () => {
      await resident().start(defaultChangePolicy(), anna)
      engine.running = undefined
      found = host.readAll()
      await startKsm(host.context, {})
      writeFileSync(places.handOver, 'next\n', { mode: 0o600 })
      engine.refusal = new Problem('busy', 'process 7 has been running scrub')
      service = resident()
      await service.begin()
      expect(host.readAll()).not.toEqual(found)
    })
    const isPutBack = () => expect([host.readAll(), existsSync(places.handOver)]).toEqual([found, false])

    it('puts back what was handed over when its policy is stopped', async () => {
      await service.stop(bert)
      isPutBack()
    })

    it('keeps no mark that would leave the changes of another policy behind', async () => {
      engine.refusal = undefined
      await service.start(gentler, bert, true)
      expect(existsSync(places.handOver)).toBe(false)
    })

    it('puts it back when the policy file has gone', async () => {
      rmSync(places.policy)
      await service.reload()
      isPutBack()
    })

    it('puts it back at its end, unless the next upgrade goes on with it', async () => {
      writeFileSync(places.handOver, 'the one after\n', { mode: 0o600 })
      await service.end()
      expect(host.readAll()).not.toEqual(found)
      rmSync(places.handOver)
      await service.end()
      isPutBack()
    })
  })

  it('puts back what was handed over to a service that has no policy', async () => {
    const found = host.readAll()
    await startKsm(host.context, {})
    writeFileSync(places.handOver, 'next\n', { mode: 0o600 })
    await resident().begin()
    expect([host.readAll(), existsSync(places.handOver)]).toEqual([found, false])
  })

  it("tells who set which policy before another admin's is replaced, after a restart too", async () => {
    await resident().start(defaultChangePolicy(), anna)
    engine.running = undefined
    const service = resident()
    await service.begin()
    await expect(service.start(gentler, bert)).rejects.toMatchObject({
      code: 'other-policy',
      message: expect.stringMatching(
        /the service has "scrub adaptive, KSM govern", which anna \(192\.0\.2\.7\) set on 20\d\d-/,
      ),
      remedy: expect.stringContaining('--replace'),
    })
    expect([fileSays(), engine.running]).toEqual([defaultChangePolicy(), defaultChangePolicy()])
    await service.start(gentler, bert, true)
    expect([fileSays(), engine.running]).toEqual([gentler, gentler])
    // What is merged stays merged: both govern.
    expect(engine.asked.slice(-2)).toEqual(['keep', 'adopt'])
  })

  it('starts the policy that is in force again without a question', async () => {
    const service = resident()
    await service.start(defaultChangePolicy(), anna)
    await service.start(defaultChangePolicy(), bert)
    expect(engine.running).toEqual(defaultChangePolicy())
  })

  it('stops where the file cannot be set aside, and says that the policy would run again', async () => {
    const service = resident()
    await service.start(defaultChangePolicy(), anna)
    // A folder that is not empty is in the way of a rename.
    const inTheWay = join(places.stoppedPolicy, 'x')
    mkdirSync(inTheWay, { recursive: true })
    const warning = expect.stringMatching(/cannot move .*; the policy would run again at the next start/)
    expect((await service.stop(bert)).warning).toEqual(warning)
    expect(engine.asked.at(-1)).toBe('put back')
    expect(await service.status()).toMatchObject({ warning })
    expect(said.filter((line) => line.startsWith('warning:'))).toHaveLength(1)
    expect(shown.at(-1)).toContain('would run again')
  })

  it('names a broken policy file in the journal, in its line for systemctl and in its status', async () => {
    const service = resident()
    await service.start(defaultPolicy(), anna)
    writeFileSync(places.policy, '{ "version": 2 }', { mode: 0o600 })
    await service.reload()
    const broken = /policy\.broken\.json; the service goes on with the last policy/
    expect((await service.status()).warning).toMatch(broken)
    expect(said.find((line) => line.startsWith('error:'))).toMatch(broken)
    const again = resident()
    await again.begin()
    expect(engine.running).toEqual(defaultPolicy())
    expect((await again.status()).warning).toBeUndefined()
  })

  it('says as a warning why it waits, unless it waits for another helper', async () => {
    const service = resident()
    await service.start(defaultPolicy(), anna)
    engine.running = undefined
    engine.refusal = new Problem('busy', 'process 7 has been running govern')
    await resident().begin()
    engine.refusal = new Problem('out-of-space', 'no space')
    await resident().begin()
    expect(said).toContain('info: waits: process 7 has been running govern')
    expect(said).toContain('warning: waits: no space')
  })
})

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultChangePolicy, defaultPolicy } from '../../../src/shared/policies/policy-file.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { type FixtureHost, makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import { listAudit } from '../changes/audit.ts'
import { withLock } from '../changes/lock.ts'
import { ServiceInstaller } from './installer.ts'
import { type ServicePlaces, servicePlaces } from './places.ts'
import type { Systemd } from './systemd.ts'
import { programOfUnit } from './unit-file.ts'

const isRoot = process.getuid?.() === 0
if (!isRoot) console.warn('skipped: only root installs a service')

/** Notes what it is asked for, and what the unit said at each start. */
class FakeSystemd implements Systemd {
  readonly isHere: boolean = true
  readonly asked: string[] = []
  readonly started: string[] = []
  readonly #unit: string
  /** Whether the unit starts with this program. */
  starts: (program: string) => boolean = () => true
  /** What else happens while the unit stops. */
  whileStopping: () => void = () => undefined
  pid = 12

  constructor(unit: string) {
    this.#unit = unit
  }

  async run(...args: readonly string[]): Promise<string> {
    this.asked.push(args.join(' '))
    if (args[0] === 'stop') this.whileStopping()
    if (args[0] !== 'restart') return ''
    const program = programOfUnit(readFileSync(this.#unit, 'utf8')) ?? ''
    this.started.push(program)
    if (!this.starts(program)) throw new Problem('system', 'cannot run systemctl restart: the job failed')
    return ''
  }

  async show() {
    return {
      load: 'loaded',
      active: 'active',
      sub: 'running',
      result: 'exit-code',
      enabled: true,
      pid: this.pid,
    }
  }
}

describe.skipIf(!isRoot)('the installer of the service', () => {
  let host: FixtureHost
  let folder: string
  let places: ServicePlaces
  let systemd: FakeSystemd
  beforeEach(() => {
    host = makeFixtureHost('linux-6.18')
    folder = mkdtempSync(join(tmpdir(), 'service-install-'))
    mkdirSync(join(folder, 'units'))
    places = {
      ...servicePlaces(host.context.folders, { SINGLETON_CONFIG_DIR: join(folder, 'etc') }),
      unit: join(folder, 'units/singleton-helper.service'),
      programFolders: [join(folder, 'lib')],
    }
    systemd = new FakeSystemd(places.unit)
  })
  afterEach(() => {
    host.remove()
    rmSync(folder, { recursive: true })
  })

  function installer(build: string, handOver?: () => Promise<void>): ServiceInstaller {
    const path = join(folder, `helper-${build}`)
    writeFileSync(path, `#!/bin/sh\n# ${build}\nexit 0\n`)
    const own = { version: '1', buildDigest: build, path }
    const template = 'ExecStart=@PROGRAM@ service run\n'
    return new ServiceInstaller({
      context: host.context,
      places,
      systemd,
      template,
      own,
      ...withValue({ handOver }),
    })
  }

  it('installs, and says so', async () => {
    const before = await installer('a').status()
    expect(before).toEqual({ state: 'absent', hasPolicy: false })
    const status = await installer('a').install(defaultChangePolicy())
    expect(status).toMatchObject({
      state: 'running',
      enabled: true,
      pid: 12,
      isThisBuild: true,
      hasPolicy: true,
    })
    expect(systemd.asked).toEqual([
      'daemon-reload',
      'enable singleton-helper.service',
      'restart singleton-helper.service',
    ])
    expect(listAudit(host.context.folders, 9).map(({ action, outcome }) => [action, outcome])).toEqual([
      ['service install', 'done'],
    ])
  })

  it('lets a session hand over before the service starts, with the mark in its place', async () => {
    let mark = false
    await installer('a', async () => {
      mark = existsSync(places.handOver) && systemd.started.length === 0
    }).install(undefined)
    expect(mark).toBe(true)
    expect(await installer('a').status()).toMatchObject({ hasPolicy: false })
  })

  it('upgrades and goes back, and keeps one build before', async () => {
    await installer('a').install(undefined)
    const upgraded = await installer('b').upgrade()
    expect(upgraded).toMatchObject({ isThisBuild: true, previous: { buildDigest: 'a' } })
    const third = await installer('c').upgrade()
    expect(third).toMatchObject({ previous: { buildDigest: 'b' } })
    expect(existsSync(systemd.started[0] ?? '')).toBe(false)
    const back = await installer('c').rollback()
    expect(back).toMatchObject({
      isThisBuild: false,
      program: { buildDigest: 'b' },
      previous: { buildDigest: 'c' },
    })
    expect(systemd.started.at(-1)).toBe(systemd.started[1])
  })

  it('goes back by itself where the new build does not start', async () => {
    await installer('a').install(undefined)
    const unit = readFileSync(places.unit, 'utf8')
    const [first = ''] = systemd.started
    const failing = installer('b')
    systemd.starts = (program) => program === first
    await expect(failing.upgrade()).rejects.toThrow(/the job failed; the build before runs again.*exit-code/)
    expect(readFileSync(places.unit, 'utf8')).toBe(unit)
    expect(await failing.status()).toMatchObject({ isThisBuild: false, program: { buildDigest: 'a' } })
  })

  it('leaves nothing of a first one that does not start', async () => {
    systemd.starts = () => false
    await expect(installer('a').install(undefined)).rejects.toThrow(/nothing is installed/)
    expect([places.unit, places.handOver, join(folder, 'lib')].some(existsSync)).toBe(false)
    expect(await installer('a').status()).toMatchObject({ state: 'absent' })
  })

  it('removes all but the audit', async () => {
    await installer('a').install(defaultChangePolicy())
    await installer('b').upgrade()
    expect(await installer('b').remove()).toEqual({ state: 'absent', hasPolicy: false })
    const left = [places.unit, places.policyFolder, places.lastPolicy, places.record, join(folder, 'lib')]
    expect(left.filter(existsSync)).toEqual([])
    expect(systemd.asked).toContain('disable --now singleton-helper.service')
    expect(listAudit(host.context.folders, 9).at(-1)).toMatchObject({
      action: 'service remove',
      outcome: 'done',
    })
  })

  /** The lock of this process, which the fixture host then has among its own. */
  function underLock<T>(work: () => Promise<T>): Promise<T> {
    const { folders, root } = host.context
    mkdirSync(join(root.proc, String(process.pid)), { recursive: true })
    writeFileSync(join(root.proc, String(process.pid), 'stat'), readFileSync('/proc/self/stat', 'utf8'))
    return withLock(folders, root, { who: 'bert', action: 'scrub' }, work)
  }

  it('leaves all as it is while another helper changes the host', async () => {
    await installer('a').install(defaultChangePolicy())
    systemd.asked.length = 0
    await underLock(() =>
      expect(installer('a').remove()).rejects.toMatchObject({
        code: 'busy',
        message: expect.stringContaining('(bert) has been running scrub since'),
      }),
    )
    expect(systemd.asked).toEqual([])
    expect([places.unit, places.policy].every(existsSync)).toBe(true)
  })

  it('is not kept from being removed by the lock of the service itself', async () => {
    await installer('a').install(undefined)
    systemd.pid = process.pid
    systemd.whileStopping = () => rmSync(join(host.context.folders.run, 'lock'))
    await underLock(() => installer('a').remove())
    expect(existsSync(places.unit)).toBe(false)
  })

  it('runs again where another helper was quicker to the lock than its removal', async () => {
    await installer('a').install(undefined)
    const entered = Promise.withResolvers<void>()
    let other: Promise<void> | undefined
    systemd.whileStopping = () => {
      other = underLock(() => entered.promise)
    }
    const { run } = systemd
    systemd.run = async (...args: readonly string[]) => {
      const text = await run.call(systemd, ...args)
      while (args[0] === 'stop' && !existsSync(join(host.context.folders.run, 'lock'))) await sleep(5)
      return text
    }
    await expect(installer('a').remove()).rejects.toMatchObject({ code: 'busy' })
    entered.resolve()
    await other
    expect(systemd.asked.slice(-2)).toEqual([
      'stop singleton-helper.service',
      'start singleton-helper.service',
    ])
    expect(existsSync(places.unit)).toBe(true)
  })

  it('is removed where its audit cannot be written', async () => {
    await installer('a').install(defaultChangePolicy())
    // Stands for a full disk: no line can be appended to a folder.
    const audit = join(host.context.folders.state, 'audit.jsonl')
    rmSync(audit)
    mkdirSync(audit)
    expect(await installer('a').remove()).toEqual({ state: 'absent', hasPolicy: false })
    expect(host.logged.join('\n')).toContain('not recorded')
  })

  it('is removed where systemd refuses to read units again, which is said', async () => {
    await installer('a').install(defaultChangePolicy())
    const { run } = systemd
    systemd.run = async (...args: readonly string[]) => {
      if (args[0] === 'daemon-reload')
        throw new Problem('system', 'cannot run systemctl: no space on /run/systemd')
      return run.call(systemd, ...args)
    }
    await expect(installer('a').remove()).rejects.toMatchObject({
      message: expect.stringMatching(/everything is put back and the unit is gone, but .*no space on/),
      remedy: expect.stringContaining('systemctl daemon-reload'),
    })
    expect([places.unit, places.policy, places.record, join(folder, 'lib')].filter(existsSync)).toEqual([])
    systemd.run = run
    expect(await installer('a').remove()).toEqual({ state: 'absent', hasPolicy: false })
  })

  it('asks before it replaces the policy of the host, and puts it back where it does not start', async () => {
    await installer('a').install(defaultChangePolicy())
    const other = installer('a').install(defaultPolicy())
    await expect(other).rejects.toMatchObject({
      code: 'other-policy',
      message: expect.stringMatching(/the host has "scrub adaptive, KSM govern", which \S+ \(\S+\) set on/),
      remedy: expect.stringContaining('--replace'),
    })
    systemd.starts = () => false
    await expect(installer('b').install(defaultPolicy(), true)).rejects.toThrow(/does not run either/)
    expect(JSON.parse(readFileSync(places.policy, 'utf8'))).toEqual(defaultChangePolicy())
    systemd.starts = () => true
    await installer('b').install(defaultPolicy(), true)
    expect(JSON.parse(readFileSync(places.policy, 'utf8'))).toEqual(defaultPolicy())
  })

  it('says where a policy file lies that could not be used', async () => {
    await installer('a').install(undefined)
    writeFileSync(places.brokenPolicy, '{')
    expect(await installer('a').status()).toMatchObject({ brokenPolicy: places.brokenPolicy })
    await installer('a').remove()
    expect(existsSync(places.policyFolder)).toBe(false)
  })

  it.each(['upgrade', 'rollback'] as const)('cannot %s what is not installed', (act) =>
    expect(installer('a')[act]()).rejects.toMatchObject({ code: 'not-found' }),
  )

  it('installs no program that runs from source', () =>
    expect(installer('development').install(undefined)).rejects.toMatchObject({ code: 'not-supported' }))
})

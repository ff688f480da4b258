import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FixtureHost, makeFixtureHost, meminfo } from '../../../test/fakes/ksm-fixture-host.ts'
import { listAudit } from '../changes/audit.ts'
import { withLock } from '../changes/lock.ts'
import { journalPath } from './journal.ts'
import { restoreKsm } from './restore-ksm.ts'
import { startKsm, stopKsm } from './switch-ksm.ts'
import { TreeAnchor } from './tree-anchor.ts'
import { unmergeKsm } from './unmerge-ksm.ts'

let host: FixtureHost
beforeEach(() => {
  host = makeFixtureHost('linux-6.18')
})
afterEach(() => host.remove())
const journal = () => journalPath(host.context.folders)

describe('start, stop and restore', () => {
  it('journals the settings found, and the first journal wins', async () => {
    const before = host.readAll()
    const started = await startKsm(host.context, {})
    expect(started.settings).toMatchObject({ run: 1, pagesToScan: 5000, sleepMillisecs: 10 })
    expect(started.journaledSince).toBeTypeOf('number')
    await startKsm(host.context, { pagesToScan: 9000 })
    await stopKsm(host.context)
    expect(host.read('run')).toBe('0')
    expect(JSON.parse(readFileSync(journal(), 'utf8')).settings.pagesToScan).toBe(100)
    const restored = await restoreKsm(host.context)
    expect(restored).not.toHaveProperty('journaledSince')
    expect(host.readAll()).toEqual(before)
    expect(existsSync(journal())).toBe(false)
  })

  it('records each change with who, before and after', async () => {
    await startKsm(host.context, {})
    await restoreKsm(host.context)
    const entries = listAudit(host.context.folders, 10)
    expect(entries.map(({ action, outcome }) => [action, outcome])).toEqual([
      ['ksm start', 'done'],
      ['ksm restore', 'done'],
    ])
    expect(entries[0]).toMatchObject({
      who: 'tester',
      from: 'local',
      before: expect.stringContaining('run 0'),
    })
    expect(listAudit(host.context.folders, 1)[0]?.action).toBe('ksm restore')
  })

  it('restores nothing, without a complaint, where nothing was ever changed', async () => {
    const before = host.readAll()
    expect(await restoreKsm(host.context)).not.toHaveProperty('journaledSince')
    expect(host.readAll()).toEqual(before)
    expect(host.logged).toEqual([])
    expect(listAudit(host.context.folders, 10).map(({ outcome }) => outcome)).toEqual(['done'])
  })

  it('changes nothing when the journal cannot be written', async () => {
    const before = host.readAll()
    // A file where the folder should be stands for every failure to write.
    writeFileSync(host.context.folders.state, '')
    await expect(startKsm(host.context, {})).rejects.toThrow('cannot keep records in')
    expect(host.readAll()).toEqual(before)
  })

  it('refuses a journal that does not parse, and says what to do', async () => {
    mkdirSync(host.context.folders.state)
    for (const text of ['', '{', '[]', '{"version":1}', JSON.stringify({ version: 2 })]) {
      writeFileSync(journal(), text)
      const failure = { code: 'system', remedy: expect.stringContaining('remove that file') }
      await expect(startKsm(host.context, {})).rejects.toMatchObject(failure)
      await expect(restoreKsm(host.context)).rejects.toMatchObject(failure)
    }
    expect(host.read('run')).toBe('0')
  })

  it('forgets a journal of an earlier boot', async () => {
    const bootId = join(host.context.root.proc, 'sys/kernel/random')
    mkdirSync(bootId, { recursive: true })
    writeFileSync(join(bootId, 'boot_id'), 'one\n')
    await startKsm(host.context, { pagesToScan: 777 })
    writeFileSync(join(bootId, 'boot_id'), 'two\n')
    await restoreKsm(host.context)
    expect(host.read('pages_to_scan')).toBe('777')
    expect(existsSync(journal())).toBe(false)
  })

  it('rolls back when a knob is refused half way', async () => {
    const knob = join(host.context.root.sys, 'kernel/mm/ksm/pages_to_scan')
    rmSync(knob)
    // Holds a number, and is read-only even for root.
    symlinkSync('/proc/sys/kernel/cap_last_cap', knob)
    const before = host.readAll()
    await expect(startKsm(host.context, {})).rejects.toMatchObject({
      code: 'not-permitted',
      message: expect.stringContaining('pages_to_scan'),
    })
    expect(host.readAll()).toEqual(before)
    expect(existsSync(journal())).toBe(false)
    expect(listAudit(host.context.folders, 1)[0]?.outcome).toContain('not-permitted')
  })
})

const rootStatus = 'Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t64\nGroups:\t0\nCapEff:\t000001ffffffffff\n'

describe('other governors', () => {
  it('refuses while the advisor is at work, takes over and gives back', async () => {
    host.remove()
    host = makeFixtureHost('linux-6.12-advisor')
    const failure = { code: 'busy', message: expect.stringContaining('kernel advisor (scan-time)') }
    await expect(startKsm(host.context, {})).rejects.toMatchObject(failure)
    expect(existsSync(journal())).toBe(false)
    await startKsm(host.context, { takeOver: true })
    expect(host.read('advisor_mode')).toBe('none')
    expect(host.read('pages_to_scan')).toBe('5000')
    await restoreKsm(host.context)
    expect(host.read('advisor_mode')).toBe('scan-time')
    expect(host.read('pages_to_scan')).toBe('1500')
  })

  it.each([
    ['ksmtuned', '/bin/bash\0/usr/sbin/ksmtuned\0'],
    ['momd', 'python3\0/usr/sbin/momd\0-c\0/etc/vdsm/mom.conf\0'],
    ['python3', '/usr/bin/python3\0/usr/sbin/momd\0'],
    ['virt-handler', 'virt-handler\0--port\x008443\0'],
  ])('finds %s among the processes', async (comm, cmdline) => {
    mkdirSync(join(host.context.root.proc, '4000000'))
    writeFileSync(join(host.context.root.proc, '4000000/comm'), `${comm}\n`)
    writeFileSync(join(host.context.root.proc, '4000000/cmdline'), cmdline)
    writeFileSync(join(host.context.root.proc, '4000000/status'), rootStatus)
    const stat = `4000000 (${comm}) S ${Array.from({ length: 40 }, (_, field) => field).join(' ')}\n`
    writeFileSync(join(host.context.root.proc, '4000000/stat'), stat)
    const failure = { code: 'busy', message: expect.stringContaining('process 4000000') }
    await expect(startKsm(host.context, {})).rejects.toMatchObject(failure)
    expect(host.read('run')).toBe('0')
  })

  it.each([
    ['momd', 'momd\0'],
    ['python3', 'python3\0/tmp/momd\0'],
    ['momd', '/usr/sbin/momd\0'],
  ])('is not kept from starting by another user who calls a process %s (%j)', async (comm, cmdline) => {
    const folder = join(host.context.root.proc, '4000000')
    mkdirSync(folder)
    writeFileSync(join(folder, 'comm'), `${comm}\n`)
    writeFileSync(join(folder, 'cmdline'), cmdline)
    writeFileSync(join(folder, 'status'), rootStatus.replaceAll('\t0', '\t1000'))
    writeFileSync(
      join(folder, 'stat'),
      `4000000 (${comm}) S ${Array.from({ length: 40 }, (_, field) => field).join(' ')}\n`,
    )
    await startKsm(host.context, {})
    expect(host.read('run')).toBe('1')
  })
})

describe('unmerge', () => {
  it('says how many bytes are missing, and changes nothing', async () => {
    const before = host.readAll()
    writeFileSync(join(host.context.root.proc, 'meminfo'), meminfo(8_000_000, 600_000))
    const spare = 600_000 * 1024 - 8_000_000 * 1024 * 0.05
    const missing = (106049 + 512) * 4096 - spare
    await expect(unmergeKsm(host.context)).rejects.toMatchObject({
      code: 'out-of-memory',
      message: expect.stringContaining(`${missing} bytes are missing`),
    })
    expect(host.readAll()).toEqual(before)
    expect(existsSync(journal())).toBe(false)
  })

  it('leaves run at 0 and no journal where scanning was off', async () => {
    const status = await unmergeKsm(host.context)
    expect(status.settings.run).toBe(0)
    expect(status).not.toHaveProperty('journaledSince')
  })

  it('keeps the journal where scanning was on', async () => {
    host.write('run', '1\n')
    expect(await unmergeKsm(host.context)).toHaveProperty('journaledSince')
    await restoreKsm(host.context)
    expect(host.read('run')).toBe('1')
  })

  it('is cancelled without an error of its own', async () => {
    const reason = new AbortController()
    reason.abort()
    const failure = { code: 'cancelled' }
    await expect(unmergeKsm(host.context, { signal: reason.signal })).rejects.toMatchObject(failure)
    expect(host.read('run')).toBe('0')
  })
})

describe('the lock', () => {
  const { root, folders } = { root: { proc: '/proc', sys: '/sys' }, folders: () => host.context.folders }

  it('names the holder to the second', async () => {
    await withLock(folders(), root, { who: 'ada', action: 'scrub' }, async () => {
      await expect(
        withLock(folders(), root, { who: 'bob', action: 'ksm start' }, async () => 1),
      ).rejects.toMatchObject({
        code: 'busy',
        message: expect.stringMatching(
          new RegExp(`process ${process.pid} \\(ada\\) has been running scrub since 2`),
        ),
      })
    })
    expect(await withLock(folders(), root, { who: 'bob', action: 'x' }, async () => 1)).toBe(1)
  })

  it('refuses a burst before it measures, also where nothing is left to merge', async () => {
    const unused = () => Promise.reject(new Error('nothing is measured or given back'))
    const tools = { measure: unused, giveBack: unused, anchor: new TreeAnchor(unused) }
    await withLock(folders(), root, { who: 'ada', action: 'policy' }, async () => {
      const failure = { code: 'busy', message: expect.stringContaining('(ada) has been running policy') }
      await expect(startKsm(host.context, {}, { tools })).rejects.toMatchObject(failure)
    })
  })

  it('takes over from a process that is gone, or from a text that is no lock', async () => {
    const stale = { pid: process.pid, startTime: '1', pidNamespace: '', who: 'x', action: 'y', since: 1 }
    mkdirSync(folders().run)
    const path = join(folders().run, 'lock')
    for (const text of [
      '',
      'null',
      JSON.stringify({ ...stale, pidNamespace: readlinkSync('/proc/self/ns/pid') }),
    ]) {
      writeFileSync(path, text)
      expect(await withLock(folders(), root, { who: 'bob', action: 'x' }, async () => 1)).toBe(1)
    }
    writeFileSync(path, JSON.stringify(stale))
    await expect(withLock(folders(), root, { who: 'bob', action: 'x' }, async () => 1)).rejects.toThrow(
      '(x) has been running y',
    )
  })
})

// What happens to Debian guests while the helper serves and looks: each time, figures right afterwards, nothing leaked.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assessment } from '../../src/shared/contract/assessment.ts'
import { sample } from '../../src/shared/contract/history.ts'
import { compareTruth } from '../beds/engine/compare-truth.ts'
import { type EngineLab, isRoot, upEngineLab } from '../beds/engine/engine-lab.ts'
import { HelperSession } from '../beds/engine/helper-session.ts'
import { findHelper } from '../beds/fault/fault-lab.ts'
import type { LabGuest } from '../beds/lab/lab.ts'
import { migrateGuest } from '../beds/lab/migrate.ts'
import { QmpClient } from '../beds/lab/qmp-client.ts'
import { waitForLogin } from '../beds/lab/real-guest.ts'

const MIB = 2 ** 20
const MINUTES = 60_000

describe.skipIf(!isRoot)('what happens to Debian guests', () => {
  let lab: EngineLab
  let session: HelperSession
  let helperPid: number
  let guest: LabGuest
  let held: { descriptors: number; mappings: number }

  beforeAll(async () => {
    // Only a disk that holds snapshots can be saved with its guest's RAM.
    lab = await upEngineLab([{ size: 'real', format: 'qcow2', ramMiB: 768 }])
    guest = lab.host.guests[0] as LabGuest
    const enter = `${lab.program}-in-host`
    const script = `#!/bin/sh\nexec nsenter --target ${lab.host.initPid} --pid --mount --uts '${lab.program}' "$@"\n`
    writeFileSync(enter, script, { mode: 0o755 })
    session = new HelperSession(enter, ['--read-only'], { PATH: process.env.PATH, HOME: '/root' })
    await session.call('assess')
    helperPid = await findHelper(session.child.pid ?? 0)
    held = readHeld(helperPid)
  }, 10 * MINUTES)
  afterAll(async () => {
    session?.child.kill('SIGKILL')
    await lab?.down()
  })

  /** Figures of the guest as it is now; the session that looked before finds the same as a new helper. */
  const compare = async () => {
    const { found } = await compareTruth({ ...lab, host: { ...lab.host, guests: [guest] } })
    expect(readHeld(helperPid)).toEqual(held)
    return found
  }

  it(
    'assess while the guest boots again in place',
    async () => {
      const began = session.request('assess')
      await withMonitor(guest, (monitor) => monitor.run('system_reset'))
      expect((await session.waitFor(({ id }) => id === began)).error).toBeUndefined()
      await waitForReboot(guest)
      await compare()
    },
    5 * MINUTES,
  )

  it(
    'a balloon that takes 256 MiB and gives them back',
    async () => {
      const before = await compare()
      await withMonitor(guest, async (monitor) => {
        const began = session.request('assess')
        await monitor.run('balloon', { value: 512 * MIB })
        await expect.poll(() => readBalloon(monitor), { timeout: MINUTES }).toBeLessThanOrEqual(512 * MIB)
        expect((await session.waitFor(({ id }) => id === began)).error).toBeUndefined()
      })
      const [small] = (await compare()).guests
      expect(small?.residentBytes).toBeLessThanOrEqual(512 * MIB + 32 * MIB)
      expect(small?.ramBytes).toBe(before.guests[0]?.ramBytes)
      await withMonitor(guest, (monitor) => monitor.run('balloon', { value: 768 * MIB }))
    },
    3 * MINUTES,
  )

  it(
    'RAM that is saved into its image',
    async () => {
      const began = session.request('assess')
      const said = await withMonitor(guest, (monitor) => monitor.runHuman('savevm before'))
      expect(said).toBe('')
      expect((await session.waitFor(({ id }) => id === began)).error).toBeUndefined()
      await compare()
    },
    3 * MINUTES,
  )

  it(
    'a live migration to another QEMU, during a scan',
    async () => {
      const began = session.request('assess')
      const { arrived, endSource } = await migrateGuest(lab.host, guest)
      expect((await session.waitFor(({ id }) => id === began)).error).toBeUndefined()
      // For a while both processes hold the guest's RAM: two guests of one name.
      const both = sample.parse((await session.call('sample')).result)
      expect(both.guests.map(({ pid }) => pid).sort()).toEqual([guest.pidInHost, arrived.pidInHost].sort())
      await endSource()
      await expect
        .poll(async () => sample.parse((await session.call('sample')).result).guests.map(({ pid }) => pid))
        .toEqual([arrived.pidInHost])
      guest = arrived
      expect(await guest.command('cat /etc/hostname')).toBe('guest\n')
      const found = await compare()
      expect(found.images.map(({ path }) => path).sort()).toEqual([...guest.images].sort())
      const again = assessment.parse((await session.call('assess')).result)
      expect(again.guests.map(({ pid }) => pid)).toEqual([arrived.pidInHost])
    },
    5 * MINUTES,
  )
})

async function withMonitor<T>(guest: LabGuest, work: (monitor: QmpClient) => Promise<T>): Promise<T> {
  const monitor = await QmpClient.connect(guest.qmpSocket ?? '')
  try {
    return await work(monitor)
  } finally {
    monitor.close()
  }
}

async function readBalloon(monitor: QmpClient): Promise<number> {
  return ((await monitor.run('query-balloon')) as { actual: number }).actual
}

/** Its serial log goes on: the second prompt is that of the second boot. */
async function waitForReboot(guest: LabGuest): Promise<void> {
  const prompts = () => readFileSync(guest.serialLog, 'latin1').split('login:').length - 1
  await expect.poll(prompts, { timeout: 3 * MINUTES, interval: 500 }).toBeGreaterThanOrEqual(2)
  if (guest.login !== undefined) await waitForLogin(guest.name, guest.login)
}

/** What the helper holds open and mapped of guests' files. */
function readHeld(pid: number): { descriptors: number; mappings: number } {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8')
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    mappings: maps.split('\n').filter((line) => /\.(qcow2|raw)/.test(line)).length,
  }
}

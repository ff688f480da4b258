// What happens to Debian guests while the helper assesses, scrubs and governs: each time, figures right afterwards, nothing
// leaked.
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assessment } from '../../src/shared/contract/assessment.ts'
import { sample } from '../../src/shared/contract/history.ts'
import { type BackgroundGovern, startBackgroundGovern } from '../beds/engine/background-govern.ts'
import { compareTruth } from '../beds/engine/compare-truth.ts'
import { type EngineLab, upEngineLab, whileStopped } from '../beds/engine/engine-lab.ts'
import { type Held, readHeld } from '../beds/engine/held.ts'
import { HelperSession } from '../beds/engine/helper-session.ts'
import { khugepagedSleeps } from '../beds/engine/khugepaged.ts'
import { findHelper } from '../beds/fault/fault-lab.ts'
import { isRoot } from '../beds/is-root.ts'
import { readKsmSettings } from '../beds/lab/ksm-settings.ts'
import type { LabGuest } from '../beds/lab/lab.ts'
import { migrateGuest } from '../beds/lab/migrate.ts'
import { QmpClient } from '../beds/lab/qmp-client.ts'
import { waitForLogin } from '../beds/lab/real-guest.ts'

const MIB = 2 ** 20
const MINUTES = 60_000

describe.skipIf(!isRoot)('what happens to Debian guests', () => {
  khugepagedSleeps()
  let lab: EngineLab
  let session: HelperSession
  let helperPid: number
  let guest: LabGuest
  let govern: BackgroundGovern
  let ksmBefore: Record<string, string>
  let held: { readonly session: Held; readonly govern: Held }

  beforeAll(async () => {
    // Only a disk that holds snapshots can be saved with its guest's RAM.
    lab = await upEngineLab([{ size: 'real', format: 'qcow2', ramMiB: 768 }])
    guest = lab.host.guests[0] as LabGuest
    const enter = `${lab.program}-in-host`
    const script = `#!/bin/sh\nexec nsenter --target ${lab.host.initPid} --pid --mount --uts '${lab.program}' "$@"\n`
    writeFileSync(enter, script, { mode: 0o755 })
    session = new HelperSession(enter, [], { PATH: process.env.PATH, HOME: '/root' })
    ksmBefore = readKsmSettings()
    govern = await startBackgroundGovern(lab, {
      scrub: { mode: 'periodic', everySeconds: 1 },
      // A single guest holds pages twice as well.
      ksm: { mode: 'govern', startPotentialBytes: MIB, cpuRatio: 0.5 },
    })
    for (const method of ['assess', 'page-cache/scrub']) await session.call(method)
    helperPid = await findHelper(session.child.pid ?? 0)
    await govern.whileAtRest(async () => undefined)
    held = { session: readHeld(helperPid), govern: await govern.leastHeld() }
  }, 10 * MINUTES)
  afterAll(async () => {
    session?.child.kill('SIGKILL')
    await lab?.down()
  })

  /** Figures of the guest as it is now; the session that looked before finds the same as a new helper. */
  const compare = () =>
    govern.whileAtRest(async () => {
      const { found } = await compareTruth({ ...lab, host: { ...lab.host, guests: [guest] } })
      expect(readHeld(helperPid)).toEqual(held.session)
      return found
    })

  const cachedBytes = async () => {
    const { images } = sample.parse((await session.call('sample')).result)
    return images.reduce((sum, { residentBytes = 0 }) => sum + residentBytes, 0)
  }
  /**
   * As much is cached of images in a round of `govern` as in samples taken right before and after it, while no guest
   * runs; and `govern` holds no more of guests than before.
   */
  const compareGovern = async () => {
    await whileStopped([guest], async () => {
      for (let attempt = 1; ; attempt += 1) {
        const before = await cachedBytes()
        const { imageCacheBytes, decisions } = await govern.nextRound()
        expect(decisions.filter((line) => /^cannot /.test(line))).toEqual([])
        const after = await cachedBytes()
        // A round evicts after its look, and the kernel takes pages away by itself; nothing comes back meanwhile.
        if (after <= imageCacheBytes && imageCacheBytes <= before && before - after < MIB) break
        if (attempt === 20) expect([after, imageCacheBytes]).toEqual([before, before])
      }
    })
    const left = await govern.leastHeld()
    expect(left.mappings).toBe(held.govern.mappings)
    expect(left.descriptors).toBeLessThanOrEqual(held.govern.descriptors)
  }

  /** Begins to assess and then to scrub; what it returns waits for both. */
  const beginLooks = () => {
    const ids = ['assess', 'page-cache/scrub'].map((method) => session.request(method))
    return async () => {
      for (const begun of ids) expect((await session.waitFor(({ id }) => id === begun)).error).toBeUndefined()
    }
  }

  it(
    'the guest boots again in place',
    async () => {
      const settle = beginLooks()
      await withMonitor(guest, (monitor) => monitor.run('system_reset'))
      await settle()
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
        const settle = beginLooks()
        await monitor.run('balloon', { value: 512 * MIB })
        await expect.poll(() => readBalloon(monitor), { timeout: MINUTES }).toBeLessThanOrEqual(512 * MIB)
        await settle()
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
      const settle = beginLooks()
      const said = await withMonitor(guest, (monitor) => monitor.runHuman('savevm before'))
      expect(said).toBe('')
      await settle()
      await compare()
      await compareGovern()
    },
    3 * MINUTES,
  )

  it(
    'a live migration to another QEMU, during a scan',
    async () => {
      const settle = beginLooks()
      const { arrived, endSource } = await migrateGuest(lab.host, guest)
      await settle()
      // For a while both processes hold the guest's RAM: two guests of one name. All processes are gone through in each
      // fifth sample.
      const sampled = async () =>
        sample
          .parse((await session.call('sample')).result)
          .guests.map(({ pid }) => pid)
          .sort()
      await expect.poll(sampled, { timeout: MINUTES }).toEqual([guest.pidInHost, arrived.pidInHost].sort())
      await endSource()
      await expect.poll(sampled, { timeout: MINUTES }).toEqual([arrived.pidInHost])
      guest = arrived
      expect(await guest.command('cat /etc/hostname')).toBe('guest\n')
      const found = await compare()
      expect(found.images.map(({ path }) => path).sort()).toEqual([...guest.images].sort())
      const again = assessment.parse((await session.call('assess')).result)
      expect(again.guests.map(({ pid }) => pid)).toEqual([arrived.pidInHost])
      await compareGovern()
    },
    5 * MINUTES,
  )

  it(
    'none of which `govern` has tripped over or holds on to',
    async () => {
      expect(govern.said()).not.toContain('goes on')
      await govern.end()
      expect(readKsmSettings()).toEqual(ksmBefore)
    },
    MINUTES,
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

// A guest that boots where it would hardly fit: the policy merges it from its start on, before anything of it is measured.
import { chownSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BackgroundGovern, startBackgroundGovern } from '../beds/engine/background-govern.ts'
import { type EngineLab, upEngineLab } from '../beds/engine/engine-lab.ts'
import { isRoot } from '../beds/is-root.ts'
import { readKsmSettings } from '../beds/lab/ksm-settings.ts'
import {
  buildStandInGuest,
  planStandIn,
  type StandInOptions,
  startStandIn,
} from '../beds/lab/stand-in-guest.ts'

const MiB = 2 ** 20
const ramMiB = 128
const commonPercent = 80
const web = (name: string): StandInOptions => ({
  ...{ size: 'large', name, ramMiB, commonPercent, zeroPercent: 0, hugePages: false },
})
/** Two guests fit as they are, a third one only where these are merged. */
const memoryLimitBytes = (2 * ramMiB + 54) * MiB
const commonBytes = (commonPercent / 100) * ramMiB * MiB
const policy = { scrub: { mode: 'observe' }, ksm: { mode: 'govern', cpuRatio: 1, bootHasteSeconds: 60 } }

describe.skipIf(!isRoot)('a guest that boots while memory is short', () => {
  let lab: EngineLab
  let governor: BackgroundGovern | undefined
  let found: Record<string, string>
  beforeAll(async () => {
    lab = await upEngineLab([web('web-1'), web('web-2')], { memoryLimitBytes })
    found = readKsmSettings()
    governor = await startBackgroundGovern(lab, policy)
  })
  afterAll(async () => {
    await governor?.end()
    await lab?.down()
  })

  /** `owner`: of its program. */
  async function startBeside(name: string, { owner = 0, size = ramMiB }): Promise<void> {
    const { name: hostName, initPid, cgroups } = lab.host
    const program = await buildStandInGuest(join(lab.folder, name), 'qemu-system-x86_64')
    chownSync(program, owner, owner)
    const plan = planStandIn({ ...web(name), ramMiB: size }, { host: hostName, name, seed: 3 })
    const files = { program, image: undefined, log: join(lab.folder, `${name}.log`) }
    await startStandIn(plan, files, { initPid, cgroups, folder: lab.folder })
  }

  const patience = { timeout: 90_000, interval: 200 }

  it('is merged as it is started, measured afterwards, and ksmd rests then', async () => {
    if (governor === undefined) throw new Error('govern does not run')
    const { said } = governor
    await expect.poll(savedBytes, patience).toBeGreaterThan(0.95 * commonBytes)
    await expect.poll(said, patience).toContain('by measurement')
    await governor.nextRound(({ ksm }) => ksm.run === 0 && !ksm.bursting)
    const before = said().length
    // Whoever names a program like QEMU has ksmd hurry for nobody.
    await startBeside('stranger', { owner: 65_534, size: 8 })
    await expect.poll(() => said().slice(before), patience).toContain('looks like a guest, left out')
    await governor.nextRound()
    expect(said().slice(before)).not.toContain('hurries for')
    const atStart = said().length
    await startBeside('web-3', {})

    const since = () => said().slice(atStart)
    await expect.poll(since, patience).toContain('hurries for web-3, which boots while memory is short')
    await expect.poll(savedBytes, patience).toBeGreaterThan(0.95 * 2 * commonBytes)
    await expect.poll(() => readKsmSettings().run, patience).toBe('0')
    // Haste came first: only then was it measured.
    expect(since().indexOf('hurries for web-3')).toBeLessThan(since().search(/potential of|by measurement|$/))
  }, 240_000)

  it('leaves the settings as they were found', async () => {
    await governor?.end()
    governor = undefined
    expect(readKsmSettings()).toEqual(found)
  })
})

function savedBytes(): number {
  return Number(readFileSync('/sys/kernel/mm/ksm/pages_sharing', 'utf8')) * 4096
}

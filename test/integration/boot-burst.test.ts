// A guest that boots where it would hardly fit: the policy merges it from its start on, before anything of it is measured.
import { readFileSync, writeFileSync } from 'node:fs'
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
const policy = { scrub: { mode: 'observe' }, ksm: { mode: 'govern', cpuRatio: 1, busyCpuRatio: 1 } }

describe.skipIf(!isRoot)('a guest that boots while memory is short', () => {
  let lab: EngineLab
  let governor: BackgroundGovern | undefined
  let found: Record<string, string>
  beforeAll(async () => {
    lab = await upEngineLab([web('web-1'), web('web-2')], { memoryLimitBytes })
    writeFileSync('/sys/kernel/mm/ksm/smart_scan', '0')
    found = readKsmSettings()
    governor = await startBackgroundGovern(lab, policy)
  })
  afterAll(async () => {
    await governor?.end()
    await lab?.down()
  })

  it('is merged as it is started, measured afterwards, and scanning ends', async () => {
    if (governor === undefined) throw new Error('govern does not run')
    const { said } = governor
    const patience = { timeout: 90_000, interval: 200 }
    await expect.poll(savedBytes, patience).toBeGreaterThan(0.95 * commonBytes)
    await governor.nextRound(({ ksm }) => ksm.run === 0 && !ksm.bursting)
    const before = said().length
    const { name, initPid, cgroups } = lab.host
    const program = await buildStandInGuest(join(lab.folder, 'newcomers'), 'qemu-system-x86_64')
    const plan = planStandIn(web('web-3'), { host: name, name: 'web-3', seed: 3 })
    const files = { program, image: undefined, log: join(lab.folder, 'web-3.log') }
    await startStandIn(plan, files, { initPid, cgroups, folder: lab.folder })

    await expect.poll(savedBytes, patience).toBeGreaterThan(0.95 * 2 * commonBytes)
    const since = () => said().slice(before)
    await expect.poll(since, patience).toContain('web-3 boots while memory is short')
    await expect.poll(since, patience).toMatch(/exhausted; [\d.]+ MiB are mergeable by measurement/)
    expect(since()).not.toContain('a guest has booted, potential')
    await expect.poll(() => readKsmSettings().run, patience).toBe('0')
    const audit = readFileSync(join(lab.folder, 'background-state/audit.jsonl'), 'utf8')
    expect(audit).toContain('smartScan 1')
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

// The bad day on the small bed: guests rewrite all of their merged memory at once, under a memory limit that the image
// cache fills. The policy makes room in time, no guest is killed, and the audit has what was done.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BackgroundGovern, startBackgroundGovern } from '../beds/engine/background-govern.ts'
import { type EngineLab, upEngineLab } from '../beds/engine/engine-lab.ts'
import { isRoot } from '../beds/is-root.ts'
import { readKsmSettings } from '../beds/lab/ksm-settings.ts'
import { runInsideOk } from '../beds/lab/namespace.ts'
import { identify, isAlive, waitUntil } from '../beds/lab/processes.ts'
import type { StandInOptions } from '../beds/lab/stand-in-guest.ts'

const MiB = 2 ** 20
const web = { size: 'large', ramMiB: 192, zeroPercent: 0, commonPercent: 80, hugePages: false } as const
const writers: StandInOptions[] = ['web-1', 'web-2', 'web-3'].map((name) => ({
  ...web,
  name,
  writeMiBPerSecond: 30,
}))
const cached: StandInOptions = { size: 'large', name: 'db', ramMiB: 32, imageMiB: 256, hugePages: false }
/** All RAM and half of the image: what merging saves is in use as image cache. */
const memoryLimitBytes = (3 * 192 + 32 + 152) * MiB
/** Two of the three copies of what is common. */
const mergedBytes = 2 * 0.8 * 192 * MiB

const policy = {
  scrub: { mode: 'observe' },
  ksm: {
    ...{ mode: 'govern', cpuRatio: 2, busyCpuRatio: 2, startPotentialBytes: MiB, measureSeconds: 5 },
    // ksmd scans on, so that stopping it shows.
    ...{ afterBurst: 'trickle', trickleCpuRatio: 0.01, reserveRatio: 0.1, giveBackHugePages: false },
  },
}

describe.skipIf(!isRoot)('a bad day', () => {
  let lab: EngineLab
  let governor: BackgroundGovern
  beforeAll(async () => {
    lab = await upEngineLab([...writers, cached], { memoryLimitBytes })
    governor = await startBackgroundGovern(lab, policy)
  })
  afterAll(async () => {
    await governor?.end()
    await lab?.down()
  })

  it('makes room for guests that rewrite their merged memory all at once, and ends none', async () => {
    await expect
      .poll(savedBytes, { timeout: 90_000, interval: 200, message: governor.said() })
      .toBeGreaterThan(0.9 * mergedBytes)
    // Only a policy that watches for breaks by now has a reserve of what is merged.
    await governor.nextRound(({ ksm }) => ksm.run === 1 && !ksm.bursting)
    const [image = ''] = lab.images
    await runInsideOk(lab.host.initPid, `cat '${image}' >/dev/null`, { cgroups: lab.host.cgroups })
    const full = await governor.nextRound()
    expect(full.imageCacheBytes).toBeGreaterThan(200 * MiB)

    const guests = lab.host.guests.map(({ pid }) => identify(pid))
    for (const { pid } of guests.slice(0, 3)) process.kill(pid, 'SIGUSR2')
    await expect.poll(() => Number(readKsmSettings().run), { timeout: 60_000, interval: 50 }).toBe(0)
    await expect.poll(written, { timeout: 60_000 }).toBe(3)

    expect(guests.filter((guest) => !isAlive(guest))).toEqual([])
    expect(oomKills()).toBe(0)
    // KSM is stopped first: room is made, and both are said, in the rest of that round and in the next.
    const patience = { timeout: 60_000 }
    await expect
      .poll(governor.said, patience)
      .toMatch(/of merged pages broke within a minute .*makes room, and stops merging/)
    await expect.poll(audit, patience).toContain('"action":"reserve guard"')
    await expect.poll(audit, patience).toMatch(/"action":"govern scrub","target":"[^"]*seed/)
    const evicted = await governor.nextRound(({ imageCacheBytes }) => imageCacheBytes < 200 * MiB)
    expect(evicted.decisions.length).toBeGreaterThan(0)
  }, 400_000)

  it('says when guests have the room they need, and lets KSM go on', async () => {
    await waitUntil(
      () => audit().includes('"action":"reserve kept"'),
      60_000,
      () => governor.said(),
    )
    await expect.poll(() => Number(readKsmSettings().run), { timeout: 60_000 }).toBe(1)
  }, 240_000)

  function audit(): string {
    return readFileSync(join(lab.folder, 'background-state/audit.jsonl'), 'utf8')
  }

  function written(): number {
    return lab.host.guests.filter(({ serialLog }) => readFileSync(serialLog, 'utf8').includes('written'))
      .length
  }

  /** Of cgroup v1 or v2. */
  function oomKills(): number {
    const counts = lab.host.cgroups.flatMap((cgroup) =>
      ['memory.oom_control', 'memory.events'].flatMap((file) =>
        existsSync(join(cgroup, file))
          ? [Number(/^oom_kill (\d+)$/m.exec(readFileSync(join(cgroup, file), 'utf8'))?.[1])]
          : [],
      ),
    )
    expect(counts).not.toEqual([])
    return counts.reduce((sum, count) => sum + count, 0)
  }
})

function savedBytes(): number {
  return Number(readFileSync('/sys/kernel/mm/ksm/pages_sharing', 'utf8')) * 4096
}

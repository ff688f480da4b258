// An experiment on a real guest of which a policy takes too much: the guard of the policy ends it, and everything is put
// back. From cold caches, which show in the record.
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { orderOfPairs } from '../../src/main/experiments/schedule.ts'
import type { Workbench } from '../../src/main/workbench.ts'
import { experimentOrder, policySchema } from '../../src/shared/contract/index.ts'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import { isRoot } from '../beds/is-root.ts'
import { readKsmSettings } from '../beds/lab/ksm-settings.ts'
import { downLab, type Lab, smallContents, upLab, writeSshHome } from '../beds/lab/lab.ts'
import { quiet } from '../fakes/quiet.ts'
import { openWorkbench } from '../open-workbench.ts'

const dir = join(tmpdir(), 'singleton-experiment-guard-lab')
const home = join(tmpdir(), 'singleton-experiment-guard-home')
const withinMs = 90_000

/** Evicts whatever is cached twice, and is held to a regret that such a policy soon passes. */
const harmful = policySchema.parse({
  scrub: { mode: 'periodic', everySeconds: 1, guards: { regretRatio: 0.2, sharedBase: 'evict' } },
  ksm: { mode: 'observe' },
})
/** Its first phase runs the policy. */
const seed = [1, 2, 3, 4, 5, 6, 7, 8].find((one) => orderOfPairs(one, 0, 1)[0] === 1) ?? 0

describe.skipIf(!isRoot)('an experiment on a real guest', () => {
  let lab: Lab
  let workbench: Workbench
  let hostId = ''

  beforeAll(async () => {
    buildHelper()
    lab = await upLab({
      dir,
      hosts: [{ kind: 'plain', guests: [{ ramMiB: 128, warm: false, name: 'busy' }] }],
      ...smallContents,
    })
    rmSync(home, { recursive: true, force: true })
    writeSshHome(lab, home)
    workbench = await openWorkbench(home)
    hostId = (await workbench.handlers['hosts/add']({ address: 'lab-a' }, quiet)).id
    await workbench.handlers['hosts/set-mode']({ hostId, mode: 'change' }, quiet)
    await workbench.handlers['hosts/connect']({ hostId }, quiet)
  })
  afterAll(async () => {
    await workbench?.close()
    await downLab(dir)
    rmSync(home, { recursive: true, force: true })
  })

  it('ends at a real regret, and everything is as it was found', async () => {
    const { handlers } = workbench
    const [guest] = lab.hosts[0]?.guests ?? []
    if (guest === undefined) throw new Error('the lab has no guest')
    const found = readKsmSettings()
    const order = experimentOrder.parse({
      ...{ hostIds: [hostId], arms: [{ name: 'off' }, { name: 'harmful', policy: harmful }] },
      ...{ phaseSeconds: 300, warmUpSeconds: 0, pairs: 1, metric: 'memory', seed, cold: true },
      guards: { pressureRatio: 1 },
    })
    await guest.command('readall')
    const { id } = await handlers['experiments/start'](order, quiet)
    const shown = () => handlers['experiments/show']({ id }, quiet)
    const isMeasuring = async () => (await shown()).hosts[0]?.phases[0]?.state === 'measuring'
    await expect.poll(isMeasuring, { timeout: withinMs }).toBe(true)
    expect((await handlers['policies/status']({ hostId }, quiet)).run?.policy).toEqual(harmful)
    // What it drops and reads again was evicted from the host's cache while it held it.
    const reread = async () => {
      await guest.command('readall')
      await guest.command('sleep 2')
      await guest.command('drop')
      return (await shown()).state
    }
    await expect.poll(reread, { timeout: withinMs }).toBe('stopped')
    const { why, hosts } = await shown()
    expect(why).toMatch(/^lab-a: a guard tripped: regret of other pages/)
    expect(hosts[0]).toMatchObject({ state: 'restored', phases: [{ state: 'invalid' }] })
    expect((await handlers['policies/status']({ hostId }, quiet)).run).toBeUndefined()
    expect(readKsmSettings()).toEqual(found)
    const entries = await handlers['audit/list']({ hostId, limit: 100 }, quiet)
    // Cold caches first, then what the policy evicted.
    const actions = ['scrub', 'policy start', 'govern scrub', 'policy stop']
    expect(entries.map(({ action }) => action)).toEqual(expect.arrayContaining(actions))
  }, 240_000)
})

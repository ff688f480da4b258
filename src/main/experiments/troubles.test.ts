// Experiments whose record cannot be written, as on a full disk, and whose hosts are busy or refuse.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fakePlan } from '../../../test/fakes/fake-experiment.ts'
import { openPolicyHosts, type PolicyHosts } from '../../../test/fakes/policy-hosts.ts'
import { quiet } from '../../../test/fakes/quiet.ts'
import { type ExperimentSummary, policySchema } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { keepNoHistory } from '../history/no-history.ts'
import { Experiments } from './experiments.ts'

let folder: string
let bed: PolicyHosts
let experiments: Experiments
let hostIds: string[]
const problems: string[] = []
const told: ExperimentSummary[] = []

beforeEach(async () => {
  problems.length = 0
  told.length = 0
  folder = mkdtempSync(join(tmpdir(), 'singleton-unwritten-'))
  bed = await openPolicyHosts(folder, policySchema.parse({ scrub: { mode: 'adaptive' } }))
  bed.announcer.subscribe((name, value) => {
    if (name === 'experiments/changed' && 'plan' in value) told.push(value as ExperimentSummary)
  })
  experiments = new Experiments({
    ...{ fleet: bed.fleet, announcer: bed.announcer, dataDirectory: folder, workbench: 'workbench' },
    times: { sampleEveryMs: 5, settleWithinMs: 1000, patienceMs: 2000, retryAfterMs: 20 },
    history: keepNoHistory(),
    onProblem: ({ message }) => problems.push(message),
  })
  const { added } = await bed.fleet.addAll([{ address: 'a', mode: 'change' }])
  hostIds = added.map(({ id }) => id)
  for (const id of hostIds) await bed.fleet.connect(id, quiet)
})
afterEach(async () => {
  await experiments.close()
  await bed.fleet.close()
  rmSync(folder, { recursive: true })
})

const order = () => ({ ...fakePlan({ metric: 'memory', pairs: 6, warmUpSeconds: 0 }), hostIds })
/** Nothing can be written below a file. */
function fillDisk(): void {
  writeFileSync(join(folder, 'experiments'), '')
}

it('does not begin where it cannot be written down, and leaves its hosts free', async () => {
  fillDisk()
  await expect(experiments.start(order())).rejects.toThrow()
  expect([...bed.hosts.values()].map(({ running }) => running)).toEqual([false])
  rmSync(join(folder, 'experiments'))
  await experiments.start(order())
})

it('ends at once and puts everything back where it cannot be written down any more, and says so', async () => {
  await experiments.start({ ...order(), phaseSeconds: 1 })
  renameSync(join(folder, 'experiments'), join(folder, 'before'))
  fillDisk()
  await expect.poll(() => told.at(-1)?.state, { timeout: 15_000 }).toBe('stopped')
  expect(told.at(-1)?.why).toMatch(/^it cannot be written down: /)
  expect([...bed.hosts.values()].map(({ running }) => running)).toEqual([false])
  expect(problems).toEqual([expect.stringMatching(/^cannot write down that experiment \w+ has ended: /)])
}, 20_000)

it('gives a host up that refuses the policy in all tries of a pair', async () => {
  const host = bed.hosts.get('a')
  if (host) host.refusal = new Problem('busy', 'ksmtuned governs KSM')
  const { id } = await experiments.start({ ...order(), phaseSeconds: 1 })
  await expect.poll(() => told.at(-1)?.state, { timeout: 15_000 }).toBe('stopped')
  const [given] = (await experiments.show(id)).hosts
  expect(given).toMatchObject({ state: 'refused', detail: 'ksmtuned governs KSM' })
  expect(given?.phases.filter(({ fault }) => fault?.code === 'policy-failed')).toHaveLength(3)
}, 20_000)

it('waits for what this workbench still does on the host', async () => {
  const assessed = Promise.withResolvers<void>()
  const host = bed.hosts.get('a')
  if (host) host.assessed = assessed.promise
  const task = { hostId: hostIds[0] ?? '', kind: 'assess', title: 'Assess a' } as const
  const assessing = bed.fleet.act(task, 'assess', {}, quiet)
  const { id } = await experiments.start({ ...order(), phaseSeconds: 1 })
  await expect.poll(() => host?.link.calls.filter((method) => method === 'sample').length).toBeGreaterThan(3)
  const states = async () => (await experiments.show(id)).hosts[0]?.phases.map(({ state }) => state)
  expect(await states()).toEqual(['settling'])
  assessed.resolve()
  await assessing
  await expect.poll(async () => (await states())?.[0], { timeout: 10_000 }).toBe('valid')
}, 20_000)

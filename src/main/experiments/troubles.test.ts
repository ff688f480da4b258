// Experiments whose record cannot be written, as on a full disk, and whose hosts are busy, refuse, change or are away.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fakePlan } from '../../../test/fakes/fake-experiment.ts'
import { openPolicyHosts, type PolicyHosts } from '../../../test/fakes/policy-hosts.ts'
import { quiet } from '../../../test/fakes/quiet.ts'
import { type ExperimentSummary, policySchema, type SampledGuest } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { keepNoHistory } from '../history/no-history.ts'
import { startPolicy } from '../policies/host-policy.ts'
import { Experiments } from './experiments.ts'
import { orderOfPairs } from './schedule.ts'

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

const [policyFirst = 0] = [1, 2, 3, 4, 5, 6, 7, 8].filter((seed) => orderOfPairs(seed, 0, 1)[0] === 1)
const [kernelFirst = 0] = [1, 2, 3, 4, 5, 6, 7, 8].filter((seed) => orderOfPairs(seed, 0, 1)[0] === 0)
const phasesOf = async (id: string) => (await experiments.show(id)).hosts[0]?.phases ?? []
const stateOf = async (id: string) => (await experiments.show(id)).state
const isMeasuring = async (id: string) => (await phasesOf(id)).at(-1)?.state === 'measuring'

it('ends where its policy raises memory pressure before anybody looks', async () => {
  const host = bed.hosts.get('a')
  if (host) host.sampled = () => ({ gauges: { memorySomePressureRatio: host.running ? 0.5 : 0.01 } })
  const { id } = await experiments.start({ ...order(), phaseSeconds: 2, seed: policyFirst })
  await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('stopped')
  expect((await experiments.show(id)).why).toBe(
    'a: a guard tripped: memory pressure 50.0 %, bound 20.0 % (1.0 % at the start of the phase)',
  )
  expect([...bed.hosts.values()].map(({ running }) => running)).toEqual([false])
}, 20_000)

it('does not compare phases between which a guest came', async () => {
  const guest = (pid: number, name: string): SampledGuest => ({ pid, name, rssBytes: 1e8 })
  const guests = [guest(7, 'web')]
  const host = bed.hosts.get('a')
  if (host) host.sampled = () => ({ guests: [...guests] })
  const { id } = await experiments.start({ ...order(), phaseSeconds: 1 })
  experiments.pause(id)
  await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('paused')
  expect((await phasesOf(id)).map(({ state }) => state)).toEqual(['valid'])
  guests.push(guest(8, 'db'))
  experiments.continue(id)
  await expect
    .poll(async () => (await phasesOf(id))[1], { timeout: 15_000 })
    .toMatchObject({
      state: 'invalid',
      fault: { code: 'guest-came', text: 'db booted or arrived since the other phase of the pair' },
    })
  await expect.poll(async () => (await phasesOf(id))[2]).toMatchObject({ pair: 0, attempt: 1 })
}, 30_000)

it('begins no phase on a host that is connected after a pause was asked for', async () => {
  const { id } = await experiments.start({ ...order(), phaseSeconds: 60 })
  await expect.poll(() => isMeasuring(id), { timeout: 10_000 }).toBe(true)
  const opened = loseConnection()
  await expect.poll(async () => (await phasesOf(id))[0]?.fault?.code).toBe('connection-lost')
  await expect.poll(() => connection()).toBe('connecting')
  experiments.pause(id)
  opened.resolve()
  await expect.poll(() => stateOf(id), { timeout: 10_000 }).toBe('paused')
  expect(await phasesOf(id)).toHaveLength(1)
}, 30_000)

it('leaves a host that it waited for to be connected when it is stopped', async () => {
  const { id } = await experiments.start({ ...order(), phaseSeconds: 60 })
  await expect.poll(() => isMeasuring(id), { timeout: 10_000 }).toBe(true)
  const opened = loseConnection()
  await expect.poll(() => connection()).toBe('connecting')
  experiments.stop(id)
  await expect.poll(() => stateOf(id), { timeout: 10_000 }).toBe('stopped')
  opened.resolve()
  await expect.poll(() => connection()).toBe('connected')
}, 30_000)

it('does not go on with a host that a person can make ready, but waits for that', async () => {
  const [hostId = ''] = hostIds
  const { id } = await experiments.start({ ...order(), phaseSeconds: 1 })
  experiments.pause(id)
  await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('paused')
  await bed.fleet.update(hostId, { mode: 'observe' })
  expect(() => experiments.continue(id)).toThrow('cannot go on with the experiment: a is in observe mode')
  expect(await stateOf(id)).toBe('paused')
  await bed.fleet.update(hostId, { mode: 'change' })
  experiments.continue(id)
  await expect.poll(async () => (await phasesOf(id)).length, { timeout: 15_000 }).toBeGreaterThan(1)
}, 40_000)

it.each([
  ['its policy', policyFirst, 'unconfirmed'],
  ['the kernel alone', kernelFirst, 'restored'],
] as const)(
  'says how far it knows of a host that was lost under %s, and stopped',
  async (_, seed, state) => {
    const { id } = await experiments.start({ ...order(), phaseSeconds: 60, seed })
    await expect.poll(() => isMeasuring(id), { timeout: 10_000 }).toBe(true)
    const opened = loseConnection()
    await expect.poll(() => connection()).toBe('connecting')
    experiments.stop(id)
    await expect.poll(() => stateOf(id), { timeout: 10_000 }).toBe('stopped')
    expect((await experiments.show(id)).hosts[0]?.state).toBe(state)
    opened.resolve()
  },
  30_000,
)

it('claims no host restored that is back while the session that ran its policy still holds it', async () => {
  const { id } = await experiments.start({ ...order(), phaseSeconds: 60, seed: policyFirst })
  await expect.poll(() => isMeasuring(id), { timeout: 10_000 }).toBe(true)
  const host = bed.hosts.get('a')
  if (host) host.heldBy = { pid: 7, who: 'ada', action: 'policy scrub adaptive', since: 1 }
  const opened = loseConnection()
  await expect.poll(async () => (await phasesOf(id))[0]?.fault?.code).toBe('connection-lost')
  opened.resolve()
  await expect.poll(async () => (await phasesOf(id)).at(-1)?.state, { timeout: 10_000 }).toBe('settling')
  experiments.stop(id)
  await expect.poll(() => stateOf(id), { timeout: 10_000 }).toBe('stopped')
  expect((await experiments.show(id)).hosts[0]).toMatchObject({
    state: 'unconfirmed',
    detail: 'what ran its policy may not have ended there yet',
  })
}, 30_000)

it('goes on in a phase of its policy, which it was to pause after', async () => {
  const { id } = await experiments.start({ ...order(), phaseSeconds: 60, seed: policyFirst })
  const opened = bed.fleet.find(hostIds[0] ?? '')
  await expect.poll(() => opened.view().policy, { timeout: 10_000 }).toBeDefined()
  expect(() => experiments.continue(id)).toThrow('cannot go on with the experiment: it is running')
  experiments.pause(id)
  expect(experiments.continue(id).state).toBe('running')
  expect((await phasesOf(id)).map(({ fault }) => fault)).toEqual([undefined])
}, 20_000)

it('begins no phase where it is paused again at the moment at which it goes on', async () => {
  const { id } = await experiments.start({ ...order(), phaseSeconds: 1 })
  experiments.pause(id)
  await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('paused')
  experiments.continue(id)
  experiments.pause(id)
  await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('paused')
  expect(await phasesOf(id)).toHaveLength(1)
}, 40_000)

it('does not go on where somebody has started a policy in its pause', async () => {
  const [hostId = ''] = hostIds
  const { id } = await experiments.start({ ...order(), phaseSeconds: 1 })
  experiments.pause(id)
  await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('paused')
  const { policy } = order().arms[1]
  if (policy === undefined) throw new Error('no policy')
  await startPolicy(bed.fleet, hostId, { policy }, quiet)
  expect(() => experiments.continue(id)).toThrow('cannot go on with the experiment: a runs a policy already')
}, 20_000)

/** It is connected again when what this returns resolves. */
function loseConnection(): PromiseWithResolvers<void> {
  const opened = Promise.withResolvers<void>()
  const host = bed.hosts.get('a')
  if (host) host.opens = opened.promise
  host?.link.break()
  return opened
}

function connection(): string {
  return bed.fleet.find(hostIds[0] ?? '').view().connection.state
}

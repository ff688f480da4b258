import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakePlan } from '../../../test/fakes/fake-experiment.ts'
import { fakeRound } from '../../../test/fakes/fake-round.ts'
import { openPolicyHosts, type PolicyHosts } from '../../../test/fakes/policy-hosts.ts'
import { quiet } from '../../../test/fakes/quiet.ts'
import { type ExperimentPlan, experimentPlan, policySchema } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { keepNoHistory } from '../history/no-history.ts'
import { Experiments } from './experiments.ts'
import { orderOfPairs } from './schedule.ts'

const policy = policySchema.parse({ scrub: { mode: 'adaptive' } })
/** Its first phase runs the policy. */
const policyFirst = [1, 2, 3, 4, 5, 6, 7, 8].find((seed) => orderOfPairs(seed, 0, 1)[0] === 1) ?? 0
const kernelFirst = [1, 2, 3, 4, 5, 6, 7, 8].find((seed) => orderOfPairs(seed, 0, 1)[0] === 0) ?? 0
const foreign = { pid: 7, who: 'eve', action: 'policy scrub adaptive, KSM observe', since: 1 }
const times = { sampleEveryMs: 5, settleWithinMs: 1000, patienceMs: 2000, retryAfterMs: 300 }

let folder: string
let bed: PolicyHosts
let experiments: Experiments

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'singleton-experiments-'))
  await open()
})
afterEach(async () => {
  await close()
  rmSync(folder, { recursive: true })
})

async function open(): Promise<void> {
  bed = await openPolicyHosts(folder, policy, bed?.hosts)
  experiments = new Experiments({
    ...{ fleet: bed.fleet, announcer: bed.announcer, dataDirectory: folder, workbench: 'workbench', times },
    history: keepNoHistory(),
    onProblem: (problem) => {
      throw problem
    },
  })
  await experiments.reopen()
}

async function close(): Promise<void> {
  await experiments.close()
  await bed.fleet.close()
}

async function addHosts(names: readonly string[], mode: 'change' | 'observe' = 'change'): Promise<string[]> {
  const { added } = await bed.fleet.addAll(names.map((address) => ({ address, mode })))
  for (const { id } of added) await bed.fleet.connect(id, quiet)
  return added.map(({ id }) => id)
}

/** Phases are too short for anything but their order: of what is measured other tests tell. */
function plan(hostIds: readonly string[], change: Partial<ExperimentPlan> = {}): ExperimentPlan {
  const short = fakePlan({ metric: 'memory', pairs: 6, warmUpSeconds: 0, seed: policyFirst, ...change })
  return { ...short, hostIds: [...hostIds], phaseSeconds: change.phaseSeconds ?? 1 }
}

const whatRuns = () => [...bed.hosts].filter(([, { running }]) => running).map(([name]) => name)
const stateOf = async (id: string) => (await experiments.show(id)).state
const phasesOf = async (id: string, host = 0) => (await experiments.show(id)).hosts[host]?.phases ?? []
const reaches = (id: string, state: string) => expect.poll(() => stateOf(id), { timeout: 30_000 }).toBe(state)

function tellRound(name: string, regret: number): void {
  const round = fakeRound({
    guards: [{ name: 'regret of streams', unit: 'ratio', value: regret, bound: 0.1 }],
  })
  bed.hosts.get(name)?.link.options.onRound?.(round)
}

/** Until the policy of an arm runs on the host. */
const runsSomewhere = () => expect.poll(whatRuns, { timeout: 10_000 }).not.toEqual([])

describe('an experiment', { timeout: 30_000 }, () => {
  it('says beforehand what it does, and which host cannot take part', async () => {
    const [id = ''] = await addHosts(['a'], 'observe')
    const preview = experiments.preview(plan([id], { phaseSeconds: 30, warmUpSeconds: 5, pairs: 10 }))
    expect(preview.durationSeconds).toBe(20 * 39)
    expect(preview.hosts[0]).toMatchObject({ refusal: 'a is in observe mode' })
    expect(preview.hosts[0]?.steps).toHaveLength(20)
    await expect(experiments.start(plan([id]))).rejects.toMatchObject({
      message: 'cannot begin the experiment: a is in observe mode',
    })
  })

  it('says beforehand which arm would hardly do anything', async () => {
    const [id = ''] = await addHosts(['a'])
    const scrub = { mode: 'periodic', everySeconds: 60 }
    const schedule = { windows: [{ from: '22:00', to: '06:00' }] }
    const nightly = { name: 'nightly', policy: policySchema.parse({ scrub, schedule }) }
    const asked = { ...plan([id], { phaseSeconds: 30, warmUpSeconds: 5 }), arms: [{ name: 'off' }, nightly] }
    expect(experiments.preview(experimentPlan.parse(asked)).costs).toEqual(
      expect.arrayContaining([
        'nightly has a schedule: a phase in which it rests is not valid.',
        'nightly scrubs every 1 min 0 s, and runs for 35 s in a phase: longer phases would show more of it.',
      ]),
    )
  })

  it('draws a seed where none is given, and keeps it', async () => {
    const [id = ''] = await addHosts(['a'])
    const { seed: _, ...order } = plan([id])
    const { plan: planned } = experiments.preview(order)
    expect(planned.seed).toBeGreaterThanOrEqual(0)
    expect(experiments.preview({ ...order, seed: planned.seed }).plan).toEqual(planned)
  })

  it('ends at once and puts everything back when a guard trips', async () => {
    const ids = await addHosts(['a', 'b'])
    const { id } = await experiments.start(plan(ids, { phaseSeconds: 60 }))
    await runsSomewhere()
    const [name = ''] = whatRuns()
    tellRound(name, 0.05)
    tellRound(name, 0.4)
    await reaches(id, 'stopped')
    const shown = await experiments.show(id)
    expect(shown.why).toBe(`${name}: a guard tripped: regret of streams: 0.40, bound 0.10`)
    expect(shown.hosts.map(({ state }) => state)).toEqual(['restored', 'restored'])
    expect((await phasesOf(id)).at(-1)).toMatchObject({ state: 'invalid', fault: { code: 'stopped' } })
    expect(whatRuns()).toEqual([])
  })

  it('does not look at guards of the policy where it was told not to', async () => {
    const ids = await addHosts(['a'])
    const guards = { ...plan(ids).guards, policyGuards: false }
    const { id } = await experiments.start(plan(ids, { phaseSeconds: 60, guards }))
    await runsSomewhere()
    tellRound('a', 0.4)
    expect(await stateOf(id)).toBe('running')
    experiments.stop(id)
    await reaches(id, 'stopped')
    expect(whatRuns()).toEqual([])
  })

  it('goes on after a restart; the phase under way is void, and its pair is run again', async () => {
    const ids = await addHosts(['a'])
    const { id } = await experiments.start(plan(ids, { phaseSeconds: 60 }))
    await expect.poll(() => phasesOf(id)).toHaveLength(1)
    await close()
    await open()
    for (const hostId of ids) await bed.fleet.connect(hostId, quiet)
    await expect.poll(() => phasesOf(id), { timeout: 10_000 }).toHaveLength(2)
    const [before, after] = await phasesOf(id)
    expect(before).toMatchObject({
      pair: 0,
      attempt: 0,
      state: 'invalid',
      fault: { code: 'workbench-closed' },
    })
    expect(after).toMatchObject({ pair: 0, attempt: 1 })
    expect(await stateOf(id)).toBe('running')
    experiments.stop(id)
    await reaches(id, 'stopped')
  })

  it('is paused between phases, with nothing running, also over a restart', async () => {
    const ids = await addHosts(['a'])
    const { id } = await experiments.start(plan(ids))
    experiments.pause(id)
    await reaches(id, 'paused')
    expect(whatRuns()).toEqual([])
    expect(await phasesOf(id)).toHaveLength(1)
    expect(() => experiments.pause(id)).toThrow('cannot pause the experiment: it is paused')
    await close()
    await open()
    expect(await stateOf(id)).toBe('paused')
    for (const hostId of ids) await bed.fleet.connect(hostId, quiet)
    experiments.continue(id)
    await expect.poll(() => phasesOf(id), { timeout: 10_000 }).toHaveLength(2)
    expect((await phasesOf(id))[0]?.state).toBe('valid')
    experiments.stop(id)
    await reaches(id, 'stopped')
  })

  it('repeats the pair of a phase in which the connection was lost', async () => {
    const ids = await addHosts(['a'])
    const { id } = await experiments.start(plan(ids, { phaseSeconds: 60 }))
    await expect.poll(async () => (await phasesOf(id)).at(-1)?.state, { timeout: 10_000 }).toBe('measuring')
    bed.hosts.get('a')?.link.break()
    await expect.poll(() => phasesOf(id), { timeout: 10_000 }).toHaveLength(2)
    expect((await phasesOf(id))[0]).toMatchObject({ state: 'invalid', fault: { code: 'connection-lost' } })
    experiments.stop(id)
    await reaches(id, 'stopped')
  })

  it('has a host that another one has not, also where both are begun at one moment', async () => {
    const ids = await addHosts(['a'])
    const begun = await Promise.allSettled([
      experiments.start(plan(ids, { phaseSeconds: 60 })),
      experiments.start(plan(ids, { phaseSeconds: 60 })),
    ])
    expect(begun.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(begun[1]).toMatchObject({
      reason: { message: 'cannot begin the experiment: a takes part in another experiment' },
    })
    const [{ id = '' } = {}] = await experiments.list()
    experiments.stop(id)
    await reaches(id, 'stopped')
  })

  it('is void for a phase without a policy while another process changes the host', async () => {
    const ids = await addHosts(['a'])
    const { id } = await experiments.start(plan(ids, { phaseSeconds: 2, seed: kernelFirst }))
    await expect.poll(async () => (await phasesOf(id))[0]?.state, { timeout: 10_000 }).toBe('measuring')
    const host = bed.hosts.get('a')
    if (host) host.heldBy = foreign
    await expect
      .poll(async () => (await phasesOf(id))[0], { timeout: 10_000 })
      .toMatchObject({
        state: 'invalid',
        fault: {
          code: 'other-act',
          text: '"policy scrub adaptive, KSM observe (process 7 of eve)" ran on the host',
        },
      })
    // It waits for it to end, but not for good.
    await reaches(id, 'stopped')
    expect((await experiments.show(id)).hosts[0]).toMatchObject({
      state: 'refused',
      detail: expect.stringContaining('another process changes this host: policy scrub adaptive'),
    })
    if (host) delete host.heldBy
  })

  it('is void for a phase in which its policy rests by a schedule', async () => {
    const ids = await addHosts(['a'])
    const host = bed.hosts.get('a')
    if (host) host.rests = true
    const { id } = await experiments.start(plan(ids))
    await expect
      .poll(async () => (await phasesOf(id))[0], { timeout: 10_000 })
      .toMatchObject({ fault: { text: 'the policy rests outside the windows of its schedule' } })
    experiments.stop(id)
    await reaches(id, 'stopped')
  })

  it('is paused also where the host that it waited for is given up instead', async () => {
    const ids = await addHosts(['a', 'b'])
    const { id } = await experiments.start(plan(ids))
    experiments.pause(id)
    const b = bed.hosts.get('b')
    if (b) b.service = { policy }
    await reaches(id, 'paused')
    expect((await experiments.show(id)).hosts.map(({ state }) => state)).toEqual(['running', 'refused'])
    experiments.stop(id)
    await reaches(id, 'stopped')
  })

  it('gives a host up that does not report the metric, after the tries of one pair', async () => {
    const ids = await addHosts(['a'])
    const { id } = await experiments.start(plan(ids, { metric: 'guests-carried' }))
    await reaches(id, 'stopped')
    expect((await phasesOf(id)).map(({ fault }) => fault?.code)).toEqual([
      'not-reported',
      'not-reported',
      'not-reported',
    ])
    expect((await experiments.show(id)).hosts[0]).toMatchObject({
      state: 'refused',
      detail: 'guests carried is not reported by this host. Ask by another metric, or leave this host out',
    })
  })

  it('gives a host up whose service would go on with the policy', async () => {
    const ids = await addHosts(['a'])
    const host = bed.hosts.get('a')
    if (host) host.service = { policy: undefined }
    const { id } = await experiments.start(plan(ids, { phaseSeconds: 1 }))
    await expect.poll(() => stateOf(id), { timeout: 20_000 }).toBe('stopped')
    const [first] = (await experiments.show(id)).hosts
    expect(first).toMatchObject({ state: 'refused', detail: expect.stringContaining('service of this host') })
    expect(host?.service?.policy).toBeUndefined()
  })

  it('is void for a phase whose policy is refused, and is removed only when it has ended', async () => {
    const ids = await addHosts(['a'])
    const host = bed.hosts.get('a')
    if (host) host.refusal = new Problem('busy', 'ksmtuned governs KSM')
    const { id } = await experiments.start(plan(ids, { phaseSeconds: 1 }))
    await expect
      .poll(async () => (await phasesOf(id)).find(({ state }) => state === 'invalid'), { timeout: 10_000 })
      .toMatchObject({ fault: { code: 'policy-failed', text: 'ksmtuned governs KSM' } })
    await expect(experiments.remove(id)).rejects.toMatchObject({ code: 'busy' })
    experiments.stop(id)
    await reaches(id, 'stopped')
    // What it wrote last is on disk a moment later.
    const removed = () =>
      experiments.remove(id).then(
        () => true,
        () => false,
      )
    await expect.poll(removed, { timeout: 10_000 }).toBe(true)
    expect(readdirSync(join(folder, 'experiments'))).toEqual([])
  })
})

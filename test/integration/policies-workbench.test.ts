// Policies from the desktop, over SSH, on real guests: what they bring, what ends them, and everything as it was found.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { liveKernel } from '../../helper/src/kernel/kernel-root.ts'
import { readMergeState } from '../../helper/src/monitors/merge-state.ts'
import type { Workbench } from '../../src/main/workbench.ts'
import { type Policy, policySchema, type Rollout } from '../../src/shared/contract/index.ts'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import { isRoot } from '../beds/is-root.ts'
import { limitReads } from '../beds/lab/cgroups.ts'
import { readKsmSettings } from '../beds/lab/ksm-settings.ts'
import { downLab, type Lab, type LabGuest, type LabHost, upLab, writeSshHome } from '../beds/lab/lab.ts'
import { readAheadKiB } from '../bench/suite/read-ahead.ts'
import { quiet } from '../fakes/quiet.ts'
import { openWorkbench } from '../open-workbench.ts'
import { beginStream, file, plan, settled } from './stream-bed.ts'

const dir = join(tmpdir(), 'singleton-policies-workbench-lab')
const homes = [1, 2].map((n) => join(tmpdir(), `singleton-policies-workbench-home-${n}`))
if (!isRoot) console.warn('skipped: guests in a lab need root')

const MiB = 2 ** 20
const withinMs = 60_000
const windowSeconds = 5
/** Windows until a policy has shown what it brings. */
const patience = 24
/** What the busy guest reads again and again. */
const readMiB = 40

const parse = (policy: object): Policy => policySchema.parse(policy)
const observing = parse({ scrub: { mode: 'observe' }, ksm: { mode: 'observe' } })
/** The excluded guest's merging is switched off meanwhile; nothing is merged. */
const adaptive = parse({
  scrub: { mode: 'adaptive' },
  ksm: { mode: 'govern', exclude: ['stream'], aim: false, bootBurst: false },
})
/** Evicts whatever is cached twice, and is held to a regret that such a policy soon passes. */
const harmful = parse({
  scrub: { mode: 'periodic', everySeconds: 1, guards: { regretRatio: 0.2, sharedBase: 'evict' } },
  ksm: { mode: 'observe' },
})

describe.skipIf(!isRoot)('policies of a workbench', () => {
  let lab: Lab
  let ksmFound: ReturnType<typeof readKsmSettings>
  let helper = ''
  const open: Workbench[] = []
  const services: { kill(): Promise<void> }[] = []

  beforeAll(async () => {
    const built = buildHelper()
    ksmFound = readKsmSettings()
    const guest = { ramMiB: plan.ramMiB, warm: false, fio: true }
    // Half of it is what is read.
    const one = (name: string) => ({
      kind: 'plain' as const,
      guests: [{ ramMiB: 128, warm: false, name, ownMiB: 2 * readMiB }],
    })
    lab = await upLab({
      dir,
      commonMiB: 8,
      ownMiB: plan.ownMiB,
      readAheadKiB,
      hosts: [
        {
          kind: 'plain',
          guests: [
            { ...guest, name: 'reader', writer: true },
            { ...guest, name: 'stream' },
          ],
          memoryLimitBytes: plan.limitMiB * MiB,
          readIops: 1_000_000,
        },
        one('calm'),
        one('busy'),
      ],
    })
    // Under a path that lab hosts see.
    helper = join(lab.dir, 'hosts', 'singleton-helper')
    copyFileSync(built, helper)
    for (const home of homes) {
      rmSync(home, { recursive: true, force: true })
      writeSshHome(lab, home)
    }
  })
  afterEach(async () => {
    for (const workbench of open.splice(0)) await workbench.close()
    // Of a test that failed before it came to that.
    for (const service of services.splice(0)) await service.kill()
    await expect.poll(readKsmSettings, { timeout: withinMs }).toEqual(ksmFound)
  })
  afterAll(async () => {
    await downLab(dir)
    for (const home of homes) rmSync(home, { recursive: true, force: true })
  })

  const host = (name: string) => lab.hosts.find((one) => one.name === name) as LabHost
  const guestOf = (name: string) =>
    lab.hosts.flatMap(({ guests }) => guests).find((one) => one.name === name) as LabGuest
  const merging = () => readMergeState(liveKernel, guestOf('stream').pid)
  const idOf = (workbench: Workbench, name: string) =>
    workbench.fleet.saved().find((saved) => saved.name === name)?.id ?? ''
  const view = (workbench: Workbench, name: string) => workbench.fleet.find(idOf(workbench, name)).view()
  const status = (workbench: Workbench, name: string) =>
    workbench.handlers['policies/status']({ hostId: idOf(workbench, name) }, quiet)
  const start = (workbench: Workbench, name: string, policy: Policy, replace = false) =>
    workbench.handlers['policies/start']({ hostId: idOf(workbench, name), policy, replace }, quiet)

  /** Of the n-th person, with all hosts connected and changes allowed. */
  async function openAt(which: number): Promise<Workbench> {
    const workbench = await openWorkbench(homes[which] ?? '')
    open.push(workbench)
    for (const { name } of lab.hosts) {
      if (idOf(workbench, name) === '') await workbench.handlers['hosts/add']({ address: name }, quiet)
      await workbench.handlers['hosts/set-mode']({ hostId: idOf(workbench, name), mode: 'change' }, quiet)
      await workbench.handlers['hosts/connect']({ hostId: idOf(workbench, name) }, quiet)
    }
    return workbench
  }

  /** Of the reader, between two samples of the workbench. */
  async function measureHits(workbench: Workbench, work: () => Promise<unknown>): Promise<number> {
    const newest = async () => {
      const seen = view(workbench, 'lab-a').latest?.monotonicSeconds ?? 0
      const next = () => view(workbench, 'lab-a').latest
      await expect.poll(() => next()?.monotonicSeconds ?? 0, { timeout: withinMs }).toBeGreaterThan(seen)
      const reader = next()?.guests.find(({ name }) => name === 'reader')
      return { asked: reader?.rcharBytes ?? Number.NaN, fetched: reader?.readBytes ?? Number.NaN }
    }
    const before = await newest()
    await work()
    const after = await newest()
    return 1 - (after.fetched - before.fetched) / (after.asked - before.asked)
  }

  it('adaptive beside a stream: what it evicts brings the reader back into the cache, and regret is shown', async () => {
    const workbench = await openAt(0)
    const [reader, stream] = [guestOf('reader'), guestOf('stream')]
    const slowDown = () => limitReads(host('lab-a').cgroups, dir, plan.readIops)
    const read = await beginStream(reader, stream, slowDown)
    const hits = () => measureHits(workbench, () => read(windowSeconds))
    const alone = await settled(hits)
    expect((await start(workbench, 'lab-a', adaptive)).run).toMatchObject({ mode: 'session' })
    await expect.poll(merging, { timeout: withinMs }).toBe('off')
    const newest = async () => (await status(workbench, 'lab-a')).run?.rounds.at(-1)
    const evictedBytes = async () => (await newest())?.evictedBytes ?? 0
    const aim = alone + (1 - alone) / 3
    let governed = 0
    for (let at = 0; at < patience && (governed < aim || (await evictedBytes()) === 0); at += 1)
      governed = await hits()
    const { run } = await status(workbench, 'lab-a')
    const last = run?.rounds.at(-1)
    const said = run?.rounds.flatMap(({ decisions }) => decisions) ?? []
    console.info(
      `hit ratio of the reader ${alone.toFixed(2)} alone, ${governed.toFixed(2)} with adaptive; evicted ` +
        `${Math.round((last?.evictedBytes ?? 0) / MiB)} MiB, ${Math.round((last?.returnedBytes ?? 0) / MiB)} MiB came back`,
    )
    if (governed < aim) console.info(said.slice(-60).join('\n'))
    expect(governed).toBeGreaterThanOrEqual(aim)
    // By taking the stream from the cache, and nothing of the reader's.
    expect(last?.evictedBytes).toBeGreaterThan(plan.limitMiB * MiB * 0.1)
    const images = said.flatMap((line) => /^evicted .* of (.*)$/.exec(line)?.[1] ?? [])
    expect(images.some((image) => stream.images.includes(image))).toBe(true)
    expect(images.filter((image) => reader.images.includes(image) && !stream.images.includes(image))).toEqual(
      [],
    )
    // A loop comes back, for a read of storage for each of many pages: that is what the guard weighs.
    const regrets = (run?.rounds ?? []).flatMap(({ guards }) =>
      guards.flatMap(({ name, value, bound }) =>
        name === 'regret of streams' && value !== undefined ? [value / bound] : [],
      ),
    )
    expect(regrets.length).toBeGreaterThan(0)
    expect(Math.min(...regrets)).toBeLessThanOrEqual(1)
    await stream.command('stop')
    // The session ends: settings, and merging through the guest's monitor, are as they were found.
    await workbench.close()
    open.length = 0
    await expect.poll(merging, { timeout: withinMs }).toBe('on')
    limitReads(host('lab-a').cgroups, dir, 1_000_000)
  }, 600_000)

  it('a connection that is lost puts everything back, and so does the next policy after kill -9', async () => {
    const workbench = await openAt(0)
    await start(workbench, 'lab-a', adaptive)
    await expect.poll(merging, { timeout: withinMs }).toBe('off')
    const isConnectedSince = (before: number) => () => {
      const { state, since } = view(workbench, 'lab-a').connection
      return state === 'connected' && since > before
    }
    const lost = view(workbench, 'lab-a').connection.since
    await host('lab-a').restartSshd()
    await expect.poll(merging, { timeout: withinMs }).toBe('on')
    // The helper knows of the loss before the workbench does.
    await expect.poll(isConnectedSince(lost), { timeout: withinMs }).toBe(true)
    await expect.poll(() => view(workbench, 'lab-a').policy, { timeout: withinMs }).toBeUndefined()
    await start(workbench, 'lab-a', adaptive)
    await expect.poll(merging, { timeout: withinMs }).toBe('off')
    const killed = view(workbench, 'lab-a').connection.since
    await host('lab-a').exec(killHelpers)
    await expect.poll(isConnectedSince(killed), { timeout: withinMs }).toBe(true)
    expect(await merging()).toBe('off')
    await start(workbench, 'lab-a', observing)
    await expect.poll(merging, { timeout: withinMs }).toBe('on')
  }, 300_000)

  it('two workbenches and the service of one host see one engine', async () => {
    const service = await startService()
    const [first, second] = [await openAt(0), await openAt(1)]
    expect((await start(first, 'lab-b', adaptive)).run).toMatchObject({ mode: 'service', policy: adaptive })
    expect((await status(second, 'lab-b')).run).toMatchObject({ mode: 'service', policy: adaptive })
    await expect(start(second, 'lab-b', observing)).rejects.toMatchObject({
      code: 'other-policy',
      message: expect.stringMatching(
        /the service has "scrub adaptive, KSM govern", which root \(\S+\) set on/,
      ),
    })
    expect((await status(first, 'lab-b')).run?.policy).toEqual(adaptive)
    expect((await start(second, 'lab-b', observing, true)).run?.policy).toEqual(observing)
    expect((await status(first, 'lab-b')).run?.policy).toEqual(observing)
    const heard: number[] = []
    first.subscribe((name, value) => {
      if (name === 'policies/round' && 'round' in value) heard.push(1)
    })
    await expect.poll(() => heard.length, { timeout: withinMs }).toBeGreaterThan(1)
    await first.close()
    open.splice(open.indexOf(first), 1)
    expect((await status(second, 'lab-b')).run).toMatchObject({ mode: 'service', policy: observing })
    await service.kill()
    // No service answers any more: the session has an engine of its own.
    await expect.poll(async () => (await status(second, 'lab-b')).run, { timeout: withinMs }).toBeUndefined()
    expect((await start(second, 'lab-b', observing)).run?.mode).toBe('session')
  }, 300_000)

  it('a roll-out over three hosts stops at real regret, and each host has what it had before', async () => {
    const service = await startService()
    const workbench = await openAt(0)
    await start(workbench, 'lab-b', observing)
    const names = ['lab-b', 'lab-c', 'lab-a']
    const hostIds = names.map((name) => idOf(workbench, name))
    // Long enough that regret comes before the next stage.
    const asked = { hostIds, policy: harmful, stages: ['1', '2', '100%'], waitSeconds: 20, pressureRatio: 1 }
    const { id } = await workbench.handlers['rollouts/start'](asked, quiet)
    const shown = async () =>
      (await workbench.handlers['rollouts/list']({}, quiet)).rollouts.find((one) => one.id === id) as Rollout
    const states = async () => (await shown()).hosts.map(({ state }) => state)
    await expect.poll(states, { timeout: 2 * withinMs }).toEqual(['running', 'running', 'waiting'])
    const busy = guestOf('busy')
    // What it drops and reads again was evicted from the host's cache while it held it.
    const reading = (async () => {
      while ((await shown()).state === 'running') {
        await busy.command(`dd if=/data/${file} of=/dev/null bs=1M count=${readMiB}`)
        await sleep(3000)
        await busy.command('drop')
      }
    })()
    await expect.poll(states, { timeout: 2 * withinMs }).toEqual(['restored', 'restored', 'waiting'])
    await reading
    expect((await shown()).why).toMatch(/^lab-c: a guard tripped: regret of other pages/)
    expect((await status(workbench, 'lab-b')).run).toMatchObject({ mode: 'service', policy: observing })
    for (const name of ['lab-c', 'lab-a']) expect((await status(workbench, name)).run).toBeUndefined()
    await service.kill()
  }, 400_000)

  /** Of lab-b, without systemd: run by hand. */
  async function startService(): Promise<{ kill(): Promise<void> }> {
    const etc = join(lab.dir, 'hosts', 'etc')
    rmSync(etc, { recursive: true, force: true })
    mkdirSync(etc, { mode: 0o700 })
    const { code, stdout } = await host('lab-b').exec(
      `SINGLETON_CONFIG_DIR='${etc}' '${helper}' service run >/dev/null 2>&1 </dev/null & echo $!`,
    )
    expect(code).toBe(0)
    const hasSocket = async () => (await host('lab-b').exec('test -S /run/singleton-helper/socket')).code
    await expect.poll(hasSocket, { timeout: withinMs }).toBe(0)
    const service = {
      async kill() {
        await host('lab-b').exec(`kill -9 ${stdout.trim()}; rm -f /run/singleton-helper/socket`)
      },
    }
    services.push(service)
    return service
  }
})

/** By their ids, and only those that this host's namespace shows. */
const killHelpers =
  'for p in /proc/[0-9]*; do case "$(readlink $p/exe)" in *singleton-helper*) kill -KILL "$(basename $p)";; esac; done'

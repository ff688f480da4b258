// The acts of the demo, all through the services that the screens use.

import type { Workbench } from '../../src/main/workbench.ts'
import type { Assessment, HostView, KsmStatus, ScrubResult } from '../../src/shared/contract/index.ts'
import { Problem } from '../../src/shared/problem.ts'
import type { CallContext } from '../../src/shared/rpc.ts'
import { formatBytes } from '../../src/shared/units.ts'
import type { Lab, LabHost } from '../../test/beds/lab/lab.ts'
import type { DemoClock } from './demo-clock.ts'
import { readKsmdCpuSeconds } from './ksmd-cpu.ts'
import { readLiveMergingPages } from './live-merges.ts'

export interface DemoHost {
  readonly id: string
  readonly name: string
  readonly lab: LabHost
}

export interface DemoStage {
  readonly workbench: Workbench
  readonly hosts: readonly DemoHost[]
  readonly clock: DemoClock
  readonly signal: AbortSignal
}

export interface Baseline {
  readonly assessments: ReadonlyMap<string, Assessment>
  readonly views: ReadonlyMap<string, HostView>
  /** What merging saved at the start, see live-merges.ts. */
  readonly mergedBytes: number
  readonly ksmdCpuSeconds: number | undefined
}

export interface HostOutcome {
  readonly name: string
  readonly before: Assessment
  readonly after: Assessment
  readonly scrub: ScrubResult
  readonly hitRatioBefore: number | undefined
  readonly hitRatioAfter: number | undefined
  readonly helperCpuSeconds: number
}

export interface Outcome {
  readonly hosts: readonly HostOutcome[]
  /** KSM is one per kernel, and the lab hosts share this machine's. */
  readonly mergedBeforeBytes: number
  readonly ksmAfter: KsmStatus
  /** Of the whole kernel, from baseline to end; undefined where ksmd cannot be seen. */
  readonly ksmdCpuSeconds: number | undefined
}

const mergeWithinMs = 240_000

/** The keys in known_hosts are the lab's, so an unknown or another key is refused: nobody is here to ask. */
export async function connectHosts(workbench: Workbench, lab: Lab, clock: DemoClock): Promise<DemoHost[]> {
  const { handlers } = workbench
  workbench.subscribe((name, value) => {
    if (name !== 'prompt/asked' || !('question' in value)) return
    clock.say(`declined a question while connecting: ${value.question.kind}`)
    handlers['prompts/answer']({ id: value.id, answer: { kind: 'cancel' } }, uncancellable).catch(() =>
      clock.say('the question was withdrawn in the meantime'),
    )
  })
  return Promise.all(
    lab.hosts.map(async (host) => {
      clock.say(`connecting to ${host.name} over SSH, host key ${host.hostKeyFingerprint}`)
      const { id, name } = await handlers['hosts/add']({ address: host.name }, uncancellable)
      await handlers['hosts/connect']({ hostId: id }, uncancellable)
      clock.say(`${name}: connected, helper deployed and checked`)
      return { id, name, lab: host }
    }),
  )
}

export async function measureBaseline({ workbench, hosts, clock, signal }: DemoStage): Promise<Baseline> {
  clock.say('baseline: one guest of each host forgets its cache and reads its files again through the host')
  await Promise.all(
    hosts.map(async ({ lab }) => {
      await lab.guests[0]?.command('drop')
      await lab.guests[0]?.command('readall')
    }),
  )
  await pause(5000, signal)
  const assessments = await assessAll({ workbench, hosts, clock, signal })
  const views = new Map(workbench.fleet.list().map((view) => [view.host.id, view]))
  const counted = await readKsm(workbench, hosts, signal)
  const pageSize = assessments.values().next().value?.host.pageSize ?? 4096
  const mergedBytes = Math.min(counted.mergedBytes, (readLiveMergingPages() ?? Infinity) * pageSize)
  return { assessments, views, mergedBytes, ksmdCpuSeconds: readKsmdCpuSeconds() }
}

export async function mergeAndScrub(stage: DemoStage, baseline: Baseline): Promise<Outcome> {
  const { workbench, hosts, clock, signal } = stage
  for (const { id } of hosts) {
    await workbench.handlers['hosts/set-mode']({ hostId: id, mode: 'change' }, uncancellable)
    await workbench.handlers['hosts/connect']({ hostId: id }, contextOf(signal))
  }
  await merge(stage)
  const scrubs = new Map<string, ScrubResult>()
  for (const { id, name } of hosts) {
    clock.say(`${name}: scrubbing the page cache`)
    const scrub = await workbench.handlers['page-cache/scrub']({ hostId: id }, contextOf(signal))
    scrubs.set(id, scrub)
    clock.say(`${name}: evicted ${formatBytes(scrub.totals.evictedBytes)}`)
  }
  clock.say('measuring again')
  await pause(5000, signal)
  const after = await assessAll(stage)
  const ksmAfter = await readKsm(workbench, hosts, signal)
  const outcomes = hosts.map((host) => outcomeOf(host, workbench, { baseline, after, scrubs }))
  const ksmdCpuSeconds = difference(baseline.ksmdCpuSeconds, readKsmdCpuSeconds())
  return { hosts: outcomes, mergedBeforeBytes: baseline.mergedBytes, ksmAfter, ksmdCpuSeconds }
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before
}

/** Puts back what the demo's helpers journaled, the last first: each found what the one before it had set. */
export async function restoreKsm(workbench: Workbench, hosts: readonly DemoHost[]): Promise<void> {
  for (const { id } of [...hosts].reverse()) {
    if (workbench.fleet.find(id).session.host.mode === 'observe') continue
    await workbench.handlers['hosts/connect']({ hostId: id }, uncancellable)
    await workbench.handlers['ksm/restore']({ hostId: id }, uncancellable)
  }
}

/** Host by host: they share one kernel, and so one KSM, but a helper aims at the guests that it sees. */
async function merge(stage: DemoStage): Promise<void> {
  for (const host of stage.hosts) await mergeHost(host, stage)
}

async function mergeHost(
  { id, name }: DemoHost,
  { workbench, hosts, clock, signal }: DemoStage,
): Promise<void> {
  clock.say(`${name}: starting a burst of KSM, which ends when what was measured is merged`)
  await workbench.handlers['ksm/start']({ hostId: id }, contextOf(signal))
  const endAt = performance.now() + mergeWithinMs
  for (let second = 1; performance.now() < endAt; second += 1) {
    await pause(1000, signal)
    const { burst } = await workbench.handlers['ksm/status']({ hostId: id }, contextOf(signal))
    if (burst?.state !== 'running') {
      const what =
        burst === undefined ? 'not needed' : `${burst.state} after ${burst.wholePasses} whole passes`
      clock.say(`${name}: the burst is ${what}; what is merged stays merged`)
      return
    }
    if (second % 5 === 0) {
      const { mergedBytes } = await readKsm(workbench, hosts, signal)
      clock.say(`merged ${formatBytes(mergedBytes)} so far`)
    }
  }
  clock.say(`${name}: KSM still merges after 4 minutes: stopping the scan, and going on with what is merged`)
  await workbench.handlers['ksm/stop']({ hostId: id }, contextOf(signal))
}

async function assessAll({ workbench, hosts, clock, signal }: DemoStage): Promise<Map<string, Assessment>> {
  const assessments = new Map<string, Assessment>()
  for (const { id, name } of hosts) {
    clock.say(`${name}: assessing`)
    const assessment = await workbench.handlers.assess({ hostId: id }, contextOf(signal))
    const { mergeableBytes, doubleCachedBytes } = assessment.totals
    clock.say(
      `${name}: ${formatBytes(mergeableBytes)} mergeable, ${formatBytes(doubleCachedBytes)} double cached`,
    )
    assessments.set(id, assessment)
  }
  return assessments
}

interface Measured {
  readonly baseline: Baseline
  readonly after: ReadonlyMap<string, Assessment>
  readonly scrubs: ReadonlyMap<string, ScrubResult>
}

function outcomeOf({ id, name }: DemoHost, { fleet }: Workbench, measured: Measured): HostOutcome {
  const [before, after] = [measured.baseline.assessments.get(id), measured.after.get(id)]
  const scrub = measured.scrubs.get(id)
  if (!before || !after || !scrub) throw new Problem('internal', `cannot sum up ${name}: it was not measured`)
  const watched = fleet.find(id)
  return {
    name,
    before,
    after,
    scrub,
    hitRatioBefore: measured.baseline.views.get(id)?.hitRatio,
    hitRatioAfter: watched.view().hitRatio,
    helperCpuSeconds: watched.cpuSpent?.helperSeconds ?? 0,
  }
}

function readKsm(
  { handlers }: Workbench,
  hosts: readonly DemoHost[],
  signal: AbortSignal,
): Promise<KsmStatus> {
  return handlers['ksm/status']({ hostId: hosts[0]?.id ?? '' }, contextOf(signal))
}

const uncancellable = contextOf(new AbortController().signal)

function contextOf(signal: AbortSignal): CallContext {
  return { signal, reportProgress: () => undefined }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  const timer = setTimeout(resolve, milliseconds)
  if (signal.aborted) stop()
  await promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  })
}

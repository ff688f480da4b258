// Replays a workload against a policy in the page-cache model, without a kernel, and reports what became of it.

import type { GuestReads, ScrubObservation } from '../../helper/src/policies/scrub-observation.ts'
import { planScrub, type ScrubPlan } from '../../helper/src/policies/scrub-plan.ts'
import { initialScrubState } from '../../helper/src/policies/scrub-state.ts'
import type { ScrubPolicy } from '../../src/shared/contract/policies.ts'
import { ModelObserver } from './model-observer.ts'
import { type Outcome, PageCacheModel } from './page-cache-model.ts'
import type { Load, Workload } from './workloads.ts'

export interface GuestFigures {
  readonly name: string
  readonly operationsPerSecond: number
  /** Of what it asked of the host. Undefined: it asked for nothing. */
  readonly hostHitRatio: number | undefined
  readonly hostReads: number
}

export interface ReplayReport {
  readonly workload: string
  readonly guests: readonly GuestFigures[]
  /** Over all guests, of what they asked of the host. */
  readonly hitRatio: number | undefined
  readonly meanCachePages: number
  readonly endCachePages: number
  readonly evictedPages: number
  /** Evicted pages that came back within the regret window. */
  readonly returnedPages: number
  readonly diskReads: number
}

export interface ReplayOptions {
  /** Counted from this second on; before, caches warm up. Default: a quarter of the run. */
  readonly warmUpSeconds?: number
  /** The policy is switched on at this second. Default: from the start. */
  readonly startSeconds?: number
  readonly onObservation?: (observation: ScrubObservation) => void
  readonly onPlan?: (plan: ScrubPlan) => void
}

const pageBytes = 4096
const quantaPerSecond = 10
const guestHitSeconds = 0.0005
const hostHitSeconds = 0.001
/** The next page of a run comes with the readahead of the one before. */
const sequentialSeconds = 0.0001
const sequentialShare = 1 / 32

interface Runner {
  readonly load: Load
  operations: number
  hostHits: number
  misses: number
  /** Since the beginning, in pages: asked of the host, and fetched from storage. */
  askedPages: number
  fetchedPages: number
  /** An access that waits for storage. */
  waiting: number | undefined
  lastPage: number
  /** Pages of the last read ahead. */
  window: number
  allowance: number
}

export function replay(workload: Workload, policy: ScrubPolicy, options: ReplayOptions = {}): ReplayReport {
  const model = new PageCacheModel(workload.layout)
  const observer = new ModelObserver(model)
  const runners = workload.loads.map(startRunner)
  const disk = new Disk(workload.storageReadsPerSecond)
  const asked = new AskedSince(workload, runners)
  const warmUp = options.warmUpSeconds ?? Math.floor(workload.seconds / 4)
  let state = initialScrubState
  let nextAt = options.startSeconds ?? 0
  let cacheSum = 0
  for (let second = 0; second < workload.seconds; second += 1) {
    if (second === warmUp) forget(runners, disk)
    runSecond(workload, model, runners, disk, second)
    model.advance(1)
    if (second >= warmUp) cacheSum += model.host.size
    if (model.nowSeconds < nextAt) continue
    const observation = observer.observe({ ...disk.look(), guests: asked.take() })
    options.onObservation?.(observation)
    const plan = planScrub(policy, state, observation)
    options.onPlan?.(plan)
    state = plan.state
    nextAt = model.nowSeconds + plan.nextSeconds
    if (plan.dryRun || plan.actions.length === 0) continue
    for (const action of plan.actions) model.apply(action)
    observer.lookAgain()
  }
  return report(workload, model, observer, runners, disk, cacheSum, workload.seconds - warmUp)
}

function startRunner(load: Load): Runner {
  return {
    ...{ load, operations: 0, hostHits: 0, misses: 0, askedPages: 0, fetchedPages: 0 },
    ...{ waiting: undefined, lastPage: -2, window: 0, allowance: 0 },
  }
}

function forget(runners: readonly Runner[], disk: Disk): void {
  disk.reads = 0
  for (const runner of runners) Object.assign(runner, { operations: 0, hostHits: 0, misses: 0 })
}

function runSecond(
  workload: Workload,
  model: PageCacheModel,
  runners: readonly Runner[],
  disk: Disk,
  second: number,
) {
  for (let quantum = 0; quantum < quantaPerSecond; quantum += 1) {
    disk.refill(1 / quantaPerSecond)
    for (let turn = 0; turn < runners.length; turn += 1) {
      const runner = runners[(turn + quantum) % runners.length]
      if (runner !== undefined) runQuantum(workload, model, runner, disk, second)
    }
  }
}

/** One guest's share of a tenth of a second: it stops when its time, its rate or the storage is used up. */
function runQuantum(
  workload: Workload,
  model: PageCacheModel,
  runner: Runner,
  disk: Disk,
  second: number,
): void {
  const { guest, image, next, rate } = runner.load
  const start = model.starts[image] as number
  let seconds = 1 / quantaPerSecond
  runner.allowance = Math.min(rate, runner.allowance + rate / quantaPerSecond)
  while (seconds > 0 && runner.allowance >= 1) {
    const access = runner.waiting ?? next(second)
    if (access === undefined) return
    const isWrite = access < 0
    const page = start + (isWrite ? ~access : access)
    const sequential = page === runner.lastPage + 1
    if (!isWrite && model.foresee(guest, page, workload.recorded) === 'miss') {
      const isWindow = workload.readAheadPages !== undefined
      const share = sequential && !isWindow ? (workload.runPrice ?? sequentialShare) : 1
      if (!disk.read(share)) {
        runner.waiting = access
        return
      }
      seconds -= disk.secondsPerRead * share
      readAhead(workload, model, runner, page)
    }
    runner.lastPage = page
    runner.waiting = undefined
    runner.allowance -= 1
    const outcome = isWrite ? model.write(guest, page) : model.read(guest, page, workload.recorded)
    if (!workload.recorded) seconds -= secondsOf(outcome, sequential)
    count(runner, outcome, isWrite)
  }
}

/** A short read fetches four times itself, as page_cache_sync_ra does; then the window doubles. */
const firstWindow = 16

function readAhead({ readAheadPages }: Workload, model: PageCacheModel, runner: Runner, page: number): void {
  if (readAheadPages === undefined) return
  const image = model.layout.images[runner.load.image]
  const start = model.starts[runner.load.image] as number
  const follows = page > start && model.host.has(page - 1)
  runner.window = follows ? Math.min(readAheadPages, Math.max(firstWindow, runner.window * 2)) : 1
  const end = Math.min(page + runner.window, start + (image?.pages ?? 0))
  for (let next = page + 1; next < end; next += 1) runner.fetchedPages += Number(model.fetch(next))
}

function secondsOf(outcome: Outcome, sequential: boolean): number {
  if (sequential) return sequentialSeconds
  return outcome === 'guest-hit' ? guestHitSeconds : hostHitSeconds
}

function count(runner: Runner, outcome: Outcome, isWrite: boolean): void {
  runner.operations += 1
  if (isWrite) return
  if (outcome === 'host-hit') runner.hostHits += 1
  if (outcome === 'miss') runner.misses += 1
  if (outcome !== 'guest-hit') runner.askedPages += 1
  if (outcome === 'miss') runner.fetchedPages += 1
}

/** What guests asked of the host since the last look, as their processes' counters tell. */
class AskedSince {
  readonly #workload: Workload
  readonly #runners: readonly Runner[]
  #before: readonly { readonly askedPages: number; readonly fetchedPages: number }[]

  constructor(workload: Workload, runners: readonly Runner[]) {
    this.#workload = workload
    this.#runners = runners
    this.#before = runners.map(() => ({ askedPages: 0, fetchedPages: 0 }))
  }

  take(): GuestReads[] {
    const before = this.#before
    this.#before = this.#runners.map(({ askedPages, fetchedPages }) => ({ askedPages, fetchedPages }))
    const { images, guests } = this.#workload.layout
    return this.#runners.map(({ load, askedPages, fetchedPages }, at) => ({
      name: guests[load.guest]?.name ?? '',
      images: [images[load.image]?.path ?? ''],
      askedBytes: (askedPages - (before[at]?.askedPages ?? 0)) * pageBytes,
      fetchedBytes: (fetchedPages - (before[at]?.fetchedPages ?? 0)) * pageBytes,
    }))
  }
}

/** Storage that serves so many random reads per second. */
class Disk {
  readonly secondsPerRead: number
  reads = 0
  readonly #perSecond: number
  #left = 0
  #usedSinceLook = 0
  #secondsSinceLook = 0
  #refused = 0

  constructor(readsPerSecond: number) {
    this.#perSecond = readsPerSecond
    this.secondsPerRead = 1 / readsPerSecond
  }

  refill(seconds: number): void {
    this.#left = Math.min(this.#left, 0) + this.#perSecond * seconds
    this.#secondsSinceLook += seconds
    this.#refused = 0
  }

  read(share: number): boolean {
    if (this.#left <= 0) {
      this.#refused += 1
      return false
    }
    this.#left -= share
    this.reads += share
    this.#usedSinceLook += share
    return true
  }

  /** Busy share since the last look; latency as of a queue that grows with it. */
  look(): { readLatencySeconds?: number; storageBusyRatio: number; storageReads: number } {
    const storageReads = Math.round(this.#usedSinceLook)
    const busy = Math.min(1, this.#usedSinceLook / (this.#perSecond * this.#secondsSinceLook))
    const idle = this.#usedSinceLook === 0
    this.#usedSinceLook = 0
    this.#secondsSinceLook = 0
    if (idle || !Number.isFinite(this.#perSecond)) return { storageBusyRatio: idle ? 0 : busy, storageReads }
    return {
      storageReads,
      storageBusyRatio: busy,
      readLatencySeconds: this.secondsPerRead * (1 + 4 * busy ** 4),
    }
  }
}

function report(
  workload: Workload,
  model: PageCacheModel,
  observer: ModelObserver,
  runners: readonly Runner[],
  disk: Disk,
  cacheSum: number,
  seconds: number,
): ReplayReport {
  const hits = runners.reduce((sum, runner) => sum + runner.hostHits, 0)
  const reads = runners.reduce((sum, runner) => sum + runner.hostHits + runner.misses, 0)
  return {
    workload: workload.name,
    guests: runners.map((runner) => figuresOf(workload, runner, seconds)),
    hitRatio: reads === 0 ? undefined : hits / reads,
    meanCachePages: cacheSum / seconds,
    endCachePages: model.host.size,
    evictedPages: model.evictedPages,
    returnedPages: observer.returnedPages,
    diskReads: Math.round(disk.reads),
  }
}

function figuresOf(workload: Workload, runner: Runner, seconds: number): GuestFigures {
  const reads = runner.hostHits + runner.misses
  return {
    name: workload.layout.guests[runner.load.guest]?.name ?? '',
    operationsPerSecond: runner.operations / seconds,
    hostHitRatio: reads === 0 ? undefined : runner.hostHits / reads,
    hostReads: reads,
  }
}

// The loop over a host that is modelled: ksmd, one image, time that passes when the loop sleeps.
import { govern } from '../../helper/src/govern/govern.ts'
import type { GovernedHost, LookAsked } from '../../helper/src/govern/governed-host.ts'
import type { GovernOptions } from '../../helper/src/govern/loop-state.ts'
import { describeRound, type Round } from '../../helper/src/govern/round.ts'
import type { KsmAction } from '../../helper/src/policies/ksm-observation.ts'
import type { Evict } from '../../helper/src/policies/scrub-action.ts'
import { parsePolicyFile } from '../../src/shared/policies/policy-file.ts'
import type { Problem } from '../../src/shared/problem.ts'
import { KsmdModel, type KsmdModelOptions, type ModelledGuest } from '../replay/ksmd-model.ts'

export const reclaimPolicy = parsePolicyFile(
  JSON.stringify({
    scrub: { mode: 'reclaim', target: { cacheBytes: 0 } },
    ksm: { mode: 'govern', bootHasteSeconds: 60 },
  }),
)

/** Four fifths of it are like another guest's. */
export function modelledGuest(pid: number, more: Partial<ModelledGuest> = {}): ModelledGuest {
  return {
    pid,
    name: `guest-${pid}`,
    startSeconds: 0,
    residentPages: 100_000,
    identicalPages: 80_000,
    breaksPerSecond: 0,
    monitorReachable: false,
    ...more,
  }
}

/** Guests are listed again this often where it is not asked for. */
const rosterSeconds = 5

/** ksmd as modelled, one image of 512 double-cached pages, time that passes when the loop sleeps. */
export class ModelledHost implements GovernedHost {
  readonly ksmd: KsmdModel
  residentPages = 512
  cpu = 0
  measures = 0
  measureCpuSeconds = 0.1
  fails: Problem | undefined
  readonly ksmActions: KsmAction[] = []
  readonly evictions: Evict[] = []
  readonly gaveBackFor: number[] = []

  constructor(options: Partial<KsmdModelOptions> = {}) {
    this.ksmd = new KsmdModel({ guests: [1, 2].map((pid) => modelledGuest(pid)), ...options })
  }

  readonly pageBytes = 4096
  nowSeconds = () => this.ksmd.nowSeconds

  async readBurst() {
    return this.ksmd.observe().counters
  }

  async readKsmdCpu() {
    return this.ksmd.observe().counters.ksmdCpuSeconds
  }
  cpuSeconds = () => this.cpu

  looksAtKsm = 0
  lookCpuSeconds = 0
  #roster: ReadonlySet<number> = new Set()
  #rosterAt = Number.NEGATIVE_INFINITY

  #followRoster(newcomers = false) {
    if (!newcomers && this.nowSeconds() - this.#rosterAt < rosterSeconds) return
    this.#roster = new Set(this.ksmd.present().map(({ pid }) => pid))
    this.#rosterAt = this.nowSeconds()
  }

  #observeKsm() {
    const seen = this.ksmd.observe()
    return { ...seen, guests: seen.guests.filter(({ pid }) => this.#roster.has(pid)) }
  }

  async observe(asked: LookAsked) {
    this.looksAtKsm += Number(asked.ksm)
    this.cpu += this.lookCpuSeconds
    if (this.fails !== undefined) throw this.fails
    this.#followRoster(asked.newcomers)
    const region = { index: 0, residentPages: this.residentPages, arrivedPages: 0, sequentialPages: 0 }
    return {
      ...(asked.ksm && { ksm: this.#observeKsm() }),
      unreadable: [],
      scrub: {
        atSeconds: this.nowSeconds(),
        pageBytes: 4096,
        regionPages: 512,
        memory: { imageCachePages: this.residentPages, imageCacheLimitPages: 100_000 },
        images: [
          {
            path: '/one',
            guests: 1,
            foreignWriter: false,
            regions: [{ ...region, returnedPages: 0, doubleCachedPages: this.residentPages }],
          },
        ],
      },
    }
  }

  async measure(_signal?: AbortSignal) {
    this.measures += 1
    this.cpu += this.measureCpuSeconds
    this.ksmd.apply([{ kind: 'measure' }])
  }

  async applyKsm(actions: readonly KsmAction[]) {
    this.ksmActions.push(...actions)
    this.ksmd.apply(actions)
  }

  async giveBack(seconds: number) {
    this.gaveBackFor.push(seconds)
    this.cpu += 0.05
    const bytes = 4 * 2 ** 20
    return { bytes, candidateBytes: 2 * bytes, seconds: 0.1, cpuSeconds: 0.05, why: 'interrupted' }
  }

  async evict(actions: readonly Evict[]) {
    this.evictions.push(...actions)
    const evictedPages = this.residentPages
    this.residentPages = 0
    return [{ path: '/one', id: '8:1:1', evictedPages }]
  }

  readonly readBackPages: number[] = []

  async readBack(pages: number) {
    this.readBackPages.push(pages)
    return pages
  }
}

/** Until so many modelled seconds have passed, or the signal of `changed` is aborted. */
export async function runGovern(host: ModelledHost, seconds: number, changed: Partial<GovernOptions> = {}) {
  const controller = new AbortController()
  const rounds: Round[] = []
  const failures: Problem[] = []
  await govern(host, {
    policy: reclaimPolicy,
    dryRun: false,
    once: false,
    signal: controller.signal,
    onRound: (round) => rounds.push(round),
    onFailure: (problem) => failures.push(problem),
    sleep: async (wait) => {
      host.ksmd.advance(wait)
      if (host.nowSeconds() >= seconds) controller.abort()
    },
    ...changed,
  })
  return { rounds, failures, lines: rounds.flatMap(describeRound) }
}

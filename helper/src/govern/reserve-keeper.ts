// Keeps the reserve of a policy on the live host: looks at broken merges while the loop waits, and changes what a round
// would do when they outrun it.
import type { Policy } from '../../../src/shared/contract/policies.ts'
import { asProblem } from '../../../src/shared/problem.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import { auditChange, type ChangeContext } from '../changes/change.ts'
import { readLeftOfGroups } from '../kernel/cache-limit.ts'
import { readMeminfo } from '../kernel/meminfo.ts'
import { pageSize } from '../kernel/page-size.ts'
import { readScanCounters, type ScanCounters } from '../kernel/read-ksm.ts'
import { readVmEvents } from '../kernel/vmstat.ts'
import type { KsmAction } from '../policies/ksm-observation.ts'
import type { KsmPlan } from '../policies/ksm-state.ts'
import {
  describeReserve,
  followBreaks,
  initialReserve,
  needOf,
  type ReserveNeed,
  type ReserveState,
  reserveBytesOf,
  waveOf,
} from '../policies/merge-reserve.ts'
import { withReserveEvictions } from '../policies/reserve-evictions.ts'
import type { ScrubPlan } from '../policies/scrub-plan.ts'
import type { EvictedImage, Seen } from './governed-host.ts'
import type { ReserveGuard } from './reserve-guard.ts'

/** It acts for so long after the last look that called for it. */
const lastingSeconds = 10
const minSeconds = 0.4

export class ReserveKeeper implements ReserveGuard {
  readonly #context: ChangeContext
  readonly #policy: Policy
  #state: ReserveState = initialReserve
  /** Undefined: neither the loop nor this has looked yet. */
  #mergedBytes: number | undefined
  /** Of images. Undefined: the loop has not looked yet, and guests are not known either. */
  #cacheBytes: number | undefined
  #guests: readonly { readonly pid: number; readonly name: string; readonly mergedBytes?: number }[] = []
  /** Another program governs KSM, and the policy lets it. */
  #isLeftToOthers = false
  #saidUncounted = false
  #lookedAt = Number.NEGATIVE_INFINITY
  /** Of the last look at memory. */
  #need: ReserveNeed | undefined
  #calledAt: number | undefined
  /** The last turn that was written down is that it acts. */
  #isTold = false
  /** While it acts: what was evicted since it began. */
  #evictedBytes = 0

  constructor(context: ChangeContext, policy: Policy) {
    this.#context = context
    this.#policy = policy
  }

  get #reserveBytes(): number {
    return reserveBytesOf(this.#policy.ksm, this.#mergedBytes ?? 0)
  }

  get isActing(): boolean {
    return this.#calledAt !== undefined
  }

  get broken(): { readonly brokenBytes: number; readonly reserveBytes: number } | undefined {
    if (this.#reserveBytes === 0 || this.#state.looks.length === 0) return undefined
    return { brokenBytes: waveOf(this.#state.looks).brokenBytes, reserveBytes: this.#reserveBytes }
  }

  /** Reads one file while merged pages are quiet. A kernel that does not count their breaks is said once. */
  async checkReserve(): Promise<boolean> {
    const atSeconds = performance.now() / 1000
    if (this.#mergedBytes === undefined) await this.#readMerged()
    if (this.#reserveBytes === 0 && !this.isActing) return false
    // A burst is looked at more often than breaks need to be.
    if (atSeconds - this.#lookedAt < minSeconds) return this.isActing
    this.#lookedAt = atSeconds
    const mergeBreaks = await this.#readBreaks()
    if (mergeBreaks === undefined) return false
    await this.#follow(atSeconds, mergeBreaks)
    return this.isActing
  }

  /** The loop measures before it looks for the first time, which may take minutes. */
  async #readMerged(): Promise<void> {
    try {
      this.#noteMerged(await readScanCounters(this.#context.root))
    } catch (error) {
      const problem = asProblem(error)
      if (problem.code === 'internal') throw problem
      // A kernel without KSM merges nothing; what else fails, the loop's own look says.
      this.#mergedBytes = 0
    }
  }

  async #follow(atSeconds: number, mergeBreaks: number): Promise<void> {
    const look = { atSeconds, brokenBytes: mergeBreaks * pageSize }
    this.#state = followBreaks(this.#state, look, this.#reserveBytes)
    if (await this.#isCalledFor()) this.#calledAt = atSeconds
    else if (this.#calledAt !== undefined && atSeconds - this.#calledAt >= lastingSeconds)
      this.#calledAt = undefined
    // What is missing, and who is to move, is not known before the loop has looked.
    if (this.#cacheBytes !== undefined && this.isActing !== this.#isTold) await this.#noteTurn()
  }

  /** Before the loop has looked nobody knows whether there is room: then it has to look now. */
  async #isCalledFor(): Promise<boolean> {
    this.#need = undefined
    if (this.#state.outrunSince === undefined) return false
    if (this.#cacheBytes === undefined) return true
    this.#need = await this.#readNeed(this.#cacheBytes)
    return this.#need !== undefined && (this.#need.evictBytes > 0 || this.#need.isDangerous)
  }

  /** undefined: not counted by this kernel, or not readable, which is said once. */
  async #readBreaks(): Promise<number | undefined> {
    let why = 'this kernel does not count broken merges (cow_ksm)'
    try {
      const { mergeBreaks } = await readVmEvents(this.#context.root)
      if (mergeBreaks !== undefined) return mergeBreaks
    } catch (error) {
      const problem = asProblem(error)
      if (problem.code === 'internal') throw problem
      why = problem.message
    }
    if (!this.#saidUncounted) this.#context.log(`reserve: ${why}, so none is guarded`)
    this.#saidUncounted = true
    return undefined
  }

  async guardScrub(plan: ScrubPlan, seen: Seen): Promise<ScrubPlan> {
    if (this.#cacheBytes === undefined) {
      // Called for this look, which tells whether there is a need.
      this.#calledAt = undefined
      this.#lookedAt = Number.NEGATIVE_INFINITY
    }
    this.#noteSeen(seen)
    await this.checkReserve()
    if (!this.isActing || this.#need === undefined) return plan
    const { evictBytes } = this.#need
    const guarded = withReserveEvictions(this.#policy.scrub, plan, seen.scrub, evictBytes)
    return { ...guarded, explanation: [...this.#describe(this.#need), ...guarded.explanation] }
  }

  guardKsm(plan: KsmPlan | undefined): KsmPlan | undefined {
    if (!this.isActing || plan === undefined || this.#isLeftToOthers) return plan
    if (this.#need?.isDangerous === false) return plan
    const splits = new Set(['scan', 'give-back', 'merge-on', 'take-over'])
    const actions: KsmAction[] = [...plan.actions.filter(({ kind }) => !splits.has(kind)), { kind: 'stop' }]
    return { ...plan, actions, state: { ...plan.state, rate: undefined } }
  }

  noteEvicted(evicted: readonly EvictedImage[]): void {
    if (!this.isActing) return
    for (const { evictedPages } of evicted) this.#evictedBytes += evictedPages * pageSize
  }

  #noteSeen({ ksm, scrub }: Seen): void {
    this.#cacheBytes = scrub.memory.imageCachePages * scrub.pageBytes
    if (ksm === undefined) return
    this.#guests = ksm.guests
    this.#isLeftToOthers = ksm.otherGovernors.length > 0 && !this.#policy.ksm.takeOver
    // Broken pages count as merged until ksmd comes by again: what there was before the wave is what the reserve is of.
    if (this.#state.outrunSince === undefined) this.#noteMerged(ksm.counters)
  }

  #noteMerged({ pagesSharing, ksmZeroPages = 0 }: Pick<ScanCounters, 'pagesSharing' | 'ksmZeroPages'>): void {
    this.#mergedBytes = (pagesSharing + ksmZeroPages) * pageSize
  }

  async #readNeed(cacheBytes: number): Promise<ReserveNeed | undefined> {
    const { root } = this.#context
    try {
      const { memAvailableBytes, memFreeBytes } = await readMeminfo(root)
      const pids = this.#guests.map(({ pid }) => pid)
      const ofLimits = await readLeftOfGroups(root, pids)
      // MemAvailable has the image cache in it, which is counted by itself.
      const ofHost = Math.min(memAvailableBytes, Math.max(memFreeBytes, memAvailableBytes - cacheBytes))
      const availableBytes = Math.max(0, Math.min(ofHost, ofLimits ?? ofHost))
      const freeBytes = ofLimits === undefined ? Math.min(memFreeBytes, availableBytes) : availableBytes
      const memory = { mergedBytes: this.#mergedBytes ?? 0, freeBytes, availableBytes, cacheBytes }
      return needOf(waveOf(this.#state.looks), this.#reserveBytes, memory)
    } catch (error) {
      const problem = asProblem(error)
      if (problem.code === 'internal') throw problem
      this.#context.log(problem.message)
      return undefined
    }
  }

  #describe(need: ReserveNeed): string[] {
    const { dryRun } = this.#policy.scrub.guards
    const stopsMerging = need.isDangerous && !this.#isLeftToOthers
    const done = { missingBytes: need.missingBytes, stopsMerging, dryRun }
    return describeReserve(waveOf(this.#state.looks), this.#reserveBytes, done, this.#guests)
  }

  /** A line for the journal and one for the audit, when it begins and when it ends. */
  async #noteTurn(): Promise<void> {
    this.#isTold = this.isActing
    const quiet = `reserve: guests have the room they need; evicted ${formatBytes(this.#evictedBytes)} of image cache for it`
    const lines = this.isActing && this.#need !== undefined ? this.#describe(this.#need) : [quiet]
    for (const line of lines) this.#context.log(line)
    if (this.isActing) this.#evictedBytes = 0
    try {
      const action = this.isActing ? 'reserve guard' : 'reserve kept'
      await auditChange(this.#context, { action, undoes: true }, async (notes) => {
        notes.after = lines.join(' ')
      })
    } catch (error) {
      // What cannot be written down must not keep guests from their memory; evictions are refused by their own line.
      this.#context.log(asProblem(error).message)
    }
  }
}

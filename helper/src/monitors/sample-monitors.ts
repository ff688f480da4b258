// What samples take from guests' monitors and memory maps: costly, so no more often than needed.

import type { GuestMerging } from '../../../src/shared/contract/guests.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { Deadline } from '../../../src/shared/deadline.ts'
import { asProblem, type ProblemData } from '../../../src/shared/problem.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { bypassesRchar } from './aio.ts'
import { readBlockStatistics } from './block-statistics.ts'
import { GuestConnector } from './guest-connector.ts'
import { readMergeState } from './merge-state.ts'
import { findMissingMonitor } from './open-monitor.ts'

/** A memory map is walked per guest: 150 samples are five minutes. */
const mergingSamples = 150
/** A monitor that did not answer is not asked for ten seconds, then longer, at last for a minute. */
const failedSamples = { first: 5, most: 30 }
/** All monitors of a sample together, however many of them say nothing. */
const monitorsMs = 3_000

export interface MonitorFigures {
  readonly blockReadBytes?: number
  readonly merging?: GuestMerging
  readonly monitorProblem?: ProblemData
}

interface RosteredGuest extends Guest {
  readonly startTime: string
}

interface Known {
  readonly merging: GuestMerging | undefined
  readonly readAt: number
}

interface Failure {
  readonly until: number
  readonly waitedSamples: number
  readonly unreadable: Unreadable
}

/** Keeps what it read between samples. */
export class MonitorSampler {
  readonly #root: KernelRoot
  readonly #connector = new GuestConnector()
  readonly #answered = new Set<string>()
  #taken = 0
  readonly #known = new Map<string, Known>()
  readonly #failed = new Map<string, Failure>()

  constructor(root: KernelRoot) {
    this.#root = root
  }

  /** By pid. `unreadable` repeats what failed until it is tried again. */
  async sampleMonitors(guests: readonly RosteredGuest[]): Promise<{
    readonly figures: ReadonlyMap<number, MonitorFigures>
    readonly unreadable: readonly Unreadable[]
  }> {
    const keys = new Set(guests.map(keyOf))
    for (const map of [this.#known, this.#failed, this.#answered])
      for (const key of map.keys()) if (!keys.has(key)) map.delete(key)
    const reads = await this.#readBlocks(guests)
    const figures = new Map<number, MonitorFigures>()
    for (const guest of guests) {
      const merging = await this.#readMerging(guest)
      const blockReadBytes = reads.get(guest.pid)
      const monitorProblem = this.#findProblem(guest)
      figures.set(guest.pid, {
        ...withValue({ blockReadBytes, merging, monitorProblem }),
      })
    }
    this.#taken += 1
    return { figures, unreadable: [...this.#failed.values()].map(({ unreadable }) => unreadable) }
  }

  /** Merging was switched: the next sample reads it again. */
  forgetMerging(): void {
    this.#known.clear()
  }

  async #readBlocks(guests: readonly RosteredGuest[]): Promise<ReadonlyMap<number, number>> {
    const asked = guests.filter(
      (guest) => bypassesRchar(guest.args) && (this.#failed.get(keyOf(guest))?.until ?? 0) <= this.#taken,
    )
    // Those that answered before come first: the deadline cuts off others.
    asked.sort((a, b) => Number(this.#answered.has(keyOf(b))) - Number(this.#answered.has(keyOf(a))))
    const reach = { connector: this.#connector, deadline: new Deadline(monitorsMs), isWhole: true }
    const { guests: read, failed } = await readBlockStatistics(this.#root, asked, reach)
    const keys = new Map(asked.map((guest) => [guest.pid, keyOf(guest)]))
    for (const { pid } of read) this.#noteAnswer(keys.get(pid) ?? '')
    for (const { guest, error } of failed) this.#noteFailure(keys.get(guest.pid) ?? '', guest, error)
    return new Map(read.map(({ pid, disks }) => [pid, disks.reduce((sum, disk) => sum + disk.readBytes, 0)]))
  }

  #noteAnswer(key: string): void {
    this.#failed.delete(key)
    this.#answered.add(key)
  }

  #noteFailure(key: string, { name }: Guest, error: unknown): void {
    const before = this.#failed.get(key)?.waitedSamples
    const waitedSamples =
      before === undefined ? failedSamples.first : Math.min(failedSamples.most, 2 * before)
    const unreadable = { path: `monitor of guest ${name}`, problem: asProblem(error).toData() }
    this.#failed.set(key, { until: this.#taken + waitedSamples, waitedSamples, unreadable })
  }

  /** No monitor is asked for this alone: libvirt would mark the domain, and a socket to spare would be held. */
  #findProblem(guest: RosteredGuest): ProblemData | undefined {
    return this.#failed.get(keyOf(guest))?.unreadable.problem ?? findMissingMonitor(guest)?.toData()
  }

  async #readMerging(guest: RosteredGuest): Promise<GuestMerging | undefined> {
    const known = this.#known.get(keyOf(guest))
    if (known !== undefined && this.#taken - known.readAt < mergingSamples) return known.merging
    const merging = await this.#tryMerging(guest.pid)
    this.#known.set(keyOf(guest), { merging, readAt: this.#taken })
    return merging
  }

  /** Absent where it may not be read: the limits of the session say so once for all guests. */
  async #tryMerging(pid: number): Promise<GuestMerging | undefined> {
    try {
      return await readMergeState(this.#root, pid)
    } catch (error) {
      const { code } = asProblem(error)
      if (code === 'not-permitted' || code === 'gone') return undefined
      throw error
    }
  }
}

function keyOf({ pid, startTime }: RosteredGuest): string {
  return `${pid} ${startTime}`
}

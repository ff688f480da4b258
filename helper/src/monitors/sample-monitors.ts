// What samples take from guests' monitors and memory maps: costly, so no more often than needed.

import type { GuestMerging } from '../../../src/shared/contract/guests.ts'
import type { GuestDiskReads } from '../../../src/shared/contract/history.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { asProblem, type ProblemData } from '../../../src/shared/problem.ts'
import { Deadline } from '../../../src/shared/time/deadline.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { bypassesRchar } from './aio.ts'
import { type DiskStatistics, type GuestBlockStatistics, readBlockStatistics } from './block-statistics.ts'
import { compareReadings, type DiskReading } from './disk-reads.ts'
import { GuestConnector } from './guest-connector.ts'
import { readMergeState } from './merge-state.ts'
import { findMonitorAddress, type MonitorAddress } from './monitor-address.ts'
import { findMissingMonitor } from './open-monitor.ts'

/** A memory map is walked per guest: 150 samples are five minutes. */
const mergingSamples = 150
/**
 * Reads and their latency are asked for every ten seconds, since a spare socket is held for some milliseconds and virsh
 * is a process. Guests whose hit ratio needs the monitor are asked in each sample.
 */
const readsSamples = 5
/** A monitor that did not answer is not asked for ten seconds, then longer, at last for a minute. */
const failedSamples = { first: 5, most: 30 }
/** All monitors of a sample together, however many of them say nothing. */
const monitorsMs = 3_000

export interface MonitorFigures {
  readonly blockReadBytes?: number
  readonly diskReads?: GuestDiskReads
  readonly merging?: GuestMerging
  readonly monitorProblem?: ProblemData
}

/** A guest that is told apart from a later one of the same pid. */
export interface RosteredGuest extends Guest {
  readonly startTime: string
}

/** What a command line tells. */
interface CommandLine {
  readonly bypassesRchar: boolean
  readonly monitor: MonitorAddress['kind']
  /** Absent: there is a monitor. */
  readonly missing?: ProblemData
}

interface Known {
  readonly merging?: GuestMerging
  readonly readAt: number
  /** Why it cannot be read, where that is this guest's own doing. */
  readonly unreadable?: Unreadable
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
  readonly #readings = new Map<string, DiskReading>()
  readonly #reads = new Map<string, GuestDiskReads>()
  #taken = 0
  readonly #known = new Map<string, Known>()
  readonly #failed = new Map<string, Failure>()
  /** How often monitors were asked, and which time each guest was heard last: an older answer may come after a newer one. */
  #asks = 0
  readonly #heard = new Map<string, number>()
  /** Monitors that are asked beside samples. */
  #asking: Promise<void> | undefined
  readonly #lines = new WeakMap<RosteredGuest, CommandLine>()
  readonly #readStatistics: typeof readBlockStatistics
  readonly #readState: typeof readMergeState
  /** How often merging was switched: what was read before the last time is not kept. */
  #switches = 0

  /** `readStatistics` and `readState` are replaced in tests. */
  constructor(root: KernelRoot, readStatistics = readBlockStatistics, readState = readMergeState) {
    this.#root = root
    this.#readStatistics = readStatistics
    this.#readState = readState
  }

  /**
   * By pid. `unreadable` repeats what failed until it is tried again. `all`: also those whose turn it is not, for whoever
   * compares two moments.
   */
  async sampleMonitors(
    guests: readonly RosteredGuest[],
    all = false,
  ): Promise<{
    readonly figures: ReadonlyMap<number, MonitorFigures>
    readonly unreadable: readonly Unreadable[]
  }> {
    const keys = new Set(guests.map(keyOf))
    for (const map of [this.#known, this.#failed, this.#readings, this.#reads, this.#heard])
      for (const key of map.keys()) if (!keys.has(key)) map.delete(key)
    const readBytes = await this.#readBlocks(guests, all)
    const figures = new Map<number, MonitorFigures>()
    for (const guest of guests) {
      const merging = await this.#readMerging(guest)
      const blockReadBytes = this.#lineOf(guest).bypassesRchar ? readBytes.get(guest.pid) : undefined
      const diskReads = this.#reads.get(keyOf(guest))
      const monitorProblem = this.#findProblem(guest)
      figures.set(guest.pid, {
        ...withValue({ blockReadBytes, diskReads, merging, monitorProblem }),
      })
    }
    this.#taken += 1
    // Of the others no figure is lost but the one whose absence `monitorProblem` explains.
    const bypassing = new Set(guests.filter((guest) => this.#lineOf(guest).bypassesRchar).map(keyOf))
    const failed = [...this.#failed].filter(([key]) => bypassing.has(key))
    const unmapped = [...this.#known.values()].flatMap(({ unreadable }) => unreadable ?? [])
    return { figures, unreadable: [...failed.map(([, { unreadable }]) => unreadable), ...unmapped] }
  }

  /** Merging was switched: the next sample reads it again, also after one that is reading it now. */
  forgetMerging(): void {
    this.#switches += 1
    this.#known.clear()
  }

  /**
   * Waits for guests whose figure of this very moment is needed, and for new ones. The others are asked beside this sample and
   * the next ones, which a slow monitor does not hold up: each answer has a time of its own.
   */
  async #readBlocks(guests: readonly RosteredGuest[], all: boolean): Promise<ReadonlyMap<number, number>> {
    const due = guests.filter((guest) => this.#isDue(guest, all))
    const isNeeded = (guest: RosteredGuest) =>
      all ||
      (!this.#failed.has(keyOf(guest)) &&
        (this.#lineOf(guest).bypassesRchar || !this.#reads.has(keyOf(guest))))
    const needed = due.filter(isNeeded)
    const others = due.filter((guest) => !isNeeded(guest))
    if (others.length > 0) this.#asking ??= this.#askBeside(others)
    if (needed.length === 0) return new Map()
    const read = await this.#ask(needed)
    return new Map(read.map(({ pid, disks }) => [pid, disks.reduce((sum, disk) => sum + disk.readBytes, 0)]))
  }

  async #askBeside(guests: readonly RosteredGuest[]): Promise<void> {
    try {
      await this.#ask(guests)
    } catch (error) {
      for (const guest of guests) this.#noteFailure(keyOf(guest), guest, error)
    } finally {
      this.#asking = undefined
    }
  }

  async #ask(asked: readonly RosteredGuest[]): Promise<readonly GuestBlockStatistics[]> {
    // Those that answered before come first: the deadline cuts off others.
    const first = asked.toSorted(
      (a, b) => Number(this.#readings.has(keyOf(b))) - Number(this.#readings.has(keyOf(a))),
    )
    this.#asks += 1
    const ask = this.#asks
    const reach = { connector: this.#connector, deadline: new Deadline(monitorsMs), isWhole: true }
    const { guests: read, failed } = await this.#readStatistics(this.#root, first, reach)
    const keys = new Map(asked.map((guest) => [guest.pid, keyOf(guest)]))
    const isNewest = (pid: number) => this.#isNewest(keys.get(pid) ?? '', ask)
    for (const { pid, disks } of read) if (isNewest(pid)) this.#noteAnswer(keys.get(pid) ?? '', disks)
    for (const { guest, error } of failed)
      if (isNewest(guest.pid)) this.#noteFailure(keys.get(guest.pid) ?? '', guest, error)
    return read
  }

  /** False: who asked later has heard this guest already. True also notes that this ask has. */
  #isNewest(key: string, ask: number): boolean {
    if (ask < (this.#heard.get(key) ?? 0)) return false
    this.#heard.set(key, ask)
    return true
  }

  #isDue(guest: RosteredGuest, all: boolean): boolean {
    const failed = this.#failed.get(keyOf(guest))
    if (failed !== undefined) return failed.until <= this.#taken
    const line = this.#lineOf(guest)
    if (line.bypassesRchar) return true
    if (line.monitor === 'none') return false
    if (all || !this.#readings.has(keyOf(guest))) return true
    // One call of virsh tells of all domains; sockets take turns, so that no sample opens all of them.
    return (this.#taken + (line.monitor === 'libvirt' ? 0 : guest.pid)) % readsSamples === 0
  }

  #noteAnswer(key: string, disks: readonly DiskStatistics[]): void {
    this.#failed.delete(key)
    const reading = { monotonicSeconds: performance.now() / 1000, disks }
    this.#reads.set(key, compareReadings(this.#readings.get(key), reading))
    this.#readings.set(key, reading)
  }

  #noteFailure(key: string, { name }: Guest, error: unknown): void {
    const before = this.#failed.get(key)?.waitedSamples
    const waitedSamples =
      before === undefined ? failedSamples.first : Math.min(failedSamples.most, 2 * before)
    const unreadable = { path: `monitor of guest ${name}`, problem: asProblem(error).toData() }
    // What it read is not known from here on; the next answer starts anew.
    this.#reads.delete(key)
    this.#readings.delete(key)
    this.#failed.set(key, { until: this.#taken + waitedSamples, waitedSamples, unreadable })
  }

  #findProblem(guest: RosteredGuest): ProblemData | undefined {
    return this.#failed.get(keyOf(guest))?.unreadable.problem ?? this.#lineOf(guest).missing
  }

  /** Taken apart once for each guest of a roster: it is long, and asked for several times in each sample. */
  #lineOf(guest: RosteredGuest): CommandLine {
    const known = this.#lines.get(guest)
    if (known !== undefined) return known
    const { args, name } = guest
    const line = {
      bypassesRchar: bypassesRchar(args),
      monitor: findMonitorAddress(args, name).kind,
      ...withValue({ missing: findMissingMonitor(guest)?.toData() }),
    }
    this.#lines.set(guest, line)
    return line
  }

  async #readMerging(guest: RosteredGuest): Promise<GuestMerging | undefined> {
    const known = this.#known.get(keyOf(guest))
    if (known !== undefined && this.#taken - known.readAt < mergingSamples) return known.merging
    const switches = this.#switches
    const read = { ...(await this.#tryMerging(guest)), readAt: this.#taken }
    if (switches === this.#switches) this.#known.set(keyOf(guest), read)
    return read.merging
  }

  /**
   * Absent where it may not be read: the limits of the session say so once for all guests. A memory map without end costs its
   * guest this figure, and no other guest anything.
   */
  async #tryMerging({ pid, name }: Guest): Promise<Omit<Known, 'readAt'>> {
    try {
      return { merging: await this.#readState(this.#root, pid) }
    } catch (error) {
      const problem = asProblem(error)
      if (problem.code === 'internal') throw error
      if (problem.code === 'not-permitted' || problem.code === 'gone') return {}
      return { unreadable: { path: `memory map of guest ${name}`, problem: problem.toData() } }
    }
  }
}

function keyOf({ pid, startTime }: RosteredGuest): string {
  return `${pid} ${startTime}`
}

// What samples take from guests' monitors and memory maps: dear, so as seldom as it does.
import type { GuestMerging } from '../../../src/shared/contract/guests.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { asProblem, type ProblemData } from '../../../src/shared/problem.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { bypassesRchar } from './aio.ts'
import { readBlockStatistics } from './block-statistics.ts'
import { readMergeState } from './merge-state.ts'
import { findMissingMonitor } from './open-monitor.ts'

/** A memory map is walked per guest: 150 samples are five minutes. */
const MERGING_INTERVAL = 150
/** A monitor that did not answer is left in peace for a minute. */
const FAILED_INTERVAL = 30

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

/** Keeps what it read between samples. */
export class MonitorSampler {
  private readonly root: KernelRoot
  private taken = 0
  private readonly known = new Map<string, Known>()
  private readonly failed = new Map<string, { readonly until: number; readonly unreadable: Unreadable }>()

  constructor(root: KernelRoot) {
    this.root = root
  }

  /** By pid. `unreadable` repeats what failed until it is tried again. */
  async take(guests: readonly RosteredGuest[]): Promise<{
    readonly figures: ReadonlyMap<number, MonitorFigures>
    readonly unreadable: readonly Unreadable[]
  }> {
    const keys = new Set(guests.map(keyOf))
    for (const map of [this.known, this.failed])
      for (const key of map.keys()) if (!keys.has(key)) map.delete(key)
    const reads = await this.readBlocks(guests)
    const figures = new Map<number, MonitorFigures>()
    for (const guest of guests) {
      const merging = await this.readMerging(guest)
      const blockReadBytes = reads.get(guest.pid)
      const monitorProblem = this.findProblem(guest)
      figures.set(guest.pid, {
        ...(blockReadBytes === undefined ? {} : { blockReadBytes }),
        ...(merging === undefined ? {} : { merging }),
        ...(monitorProblem === undefined ? {} : { monitorProblem }),
      })
    }
    this.taken += 1
    return { figures, unreadable: [...this.failed.values()].map(({ unreadable }) => unreadable) }
  }

  /** Merging was switched: read it anew with the next sample. */
  forgetMerging(): void {
    this.known.clear()
  }

  private async readBlocks(guests: readonly RosteredGuest[]): Promise<ReadonlyMap<number, number>> {
    const asked = guests.filter(
      (guest) => bypassesRchar(guest.args) && (this.failed.get(keyOf(guest))?.until ?? 0) <= this.taken,
    )
    for (const guest of asked) this.failed.delete(keyOf(guest))
    const { guests: read, failed } = await readBlockStatistics(this.root, asked)
    for (const { guest, error } of failed) {
      const unreadable = { path: `monitor of guest ${guest.name}`, problem: asProblem(error).toData() }
      const key = asked.find(({ pid }) => pid === guest.pid)
      if (key) this.failed.set(keyOf(key), { until: this.taken + FAILED_INTERVAL, unreadable })
    }
    return new Map(read.map(({ pid, disks }) => [pid, disks.reduce((sum, disk) => sum + disk.readBytes, 0)]))
  }

  /** No monitor is asked for this alone: libvirt would mark the domain, and a socket to spare would be held. */
  private findProblem(guest: RosteredGuest): ProblemData | undefined {
    return this.failed.get(keyOf(guest))?.unreadable.problem ?? findMissingMonitor(guest)?.toData()
  }

  private async readMerging(guest: RosteredGuest): Promise<GuestMerging | undefined> {
    const known = this.known.get(keyOf(guest))
    if (known !== undefined && this.taken - known.readAt < MERGING_INTERVAL) return known.merging
    const merging = await this.tryMerging(guest.pid)
    this.known.set(keyOf(guest), { merging, readAt: this.taken })
    return merging
  }

  /** Absent where it may not be read: the limits of the session say so once for all guests. */
  private async tryMerging(pid: number): Promise<GuestMerging | undefined> {
    try {
      return await readMergeState(this.root, pid)
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

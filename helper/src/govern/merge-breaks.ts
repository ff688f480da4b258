// Merged pages that a guest broke by writing. The kernel counts them for the host only (cow_ksm in /proc/vmstat), and
// ksm_merging_pages falls only when ksmd comes by again: so merged frames are compared from measurement to measurement.

interface Counted {
  readonly mergedPages: number
  readonly atSeconds: number
  /** Before the last measurement, and found by it. */
  readonly earlierBreaks: number
  readonly lastBreaks: number
  readonly overSeconds: number
}

export class MergeBreaks {
  readonly #guests = new Map<number, Counted>()

  /** Two measurements; `switched`: its merging was switched between them, which breaks nothing. */
  noteMerged(pid: number, mergedPages: number, atSeconds: number, switched: boolean): void {
    const before = this.#guests.get(pid)
    const lost = before === undefined || switched ? 0 : Math.max(0, before.mergedPages - mergedPages)
    this.#guests.set(pid, {
      mergedPages,
      atSeconds,
      earlierBreaks: before === undefined ? 0 : before.earlierBreaks + before.lastBreaks,
      lastBreaks: lost,
      overSeconds: before === undefined ? 0 : atSeconds - before.atSeconds,
    })
  }

  /**
   * Since the guest was first measured. What the last measurement found happened over the time before it, so it is
   * told over as long a time after it: a rate, not a jump. Absent: measured once at most.
   */
  countBreaks(pid: number, nowSeconds: number): number | undefined {
    const counted = this.#guests.get(pid)
    if (counted === undefined || counted.overSeconds <= 0) return undefined
    const told = Math.min(1, (nowSeconds - counted.atSeconds) / counted.overSeconds)
    return Math.floor(counted.earlierBreaks + counted.lastBreaks * told)
  }

  keepOnly(pids: ReadonlySet<number>): void {
    for (const pid of this.#guests.keys()) if (!pids.has(pid)) this.#guests.delete(pid)
  }
}

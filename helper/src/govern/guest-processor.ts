// How much of a core all guests use together, and whether something waits for one.
import { withValue } from '../../../src/shared/with-value.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readPressure } from '../kernel/pressure.ts'
import { readProcessStat } from '../kernel/process-stat.ts'
import type { KsmObservation } from '../policies/ksm-observation.ts'

export class GuestProcessor {
  readonly #root: KernelRoot
  #before: { readonly atSeconds: number; readonly used: ReadonlyMap<number, number> } | undefined

  constructor(root: KernelRoot) {
    this.#root = root
  }

  /** Since the last call; undefined at the first. A guest counts from its second look on. */
  async readSince(guests: readonly Guest[], nowSeconds: number): Promise<KsmObservation['processor']> {
    const used = new Map<number, number>()
    for (const { pid } of guests) {
      const stat = await readProcessStat(this.#root, pid)
      if (stat !== undefined) used.set(pid, stat.cpuSeconds)
    }
    const before = this.#before
    this.#before = { atSeconds: nowSeconds, used }
    if (before === undefined || nowSeconds <= before.atSeconds) return undefined
    let seconds = 0
    for (const [pid, now] of used) seconds += Math.max(0, now - (before.used.get(pid) ?? now))
    const { someRatio: pressureRatio } = await readPressure(this.#root, 'cpu')
    return { guestRatio: seconds / (nowSeconds - before.atSeconds), ...withValue({ pressureRatio }) }
  }
}

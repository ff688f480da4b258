// Whose merging can be switched, and how it stands: monitors are asked once a guest, and again after a while if they
// did not answer.
import { asProblem } from '../../../src/shared/problem.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { probeMerging } from '../monitors/switch-merging.ts'

const retrySeconds = 600

interface Known {
  readonly reachable: boolean
  readonly askedAtSeconds: number
  /** As we switched it since it was last measured. */
  readonly mergeable?: boolean
}

type ProbeMonitor = (root: KernelRoot, guest: Guest) => Promise<unknown>

export class GuestSwitches {
  readonly #root: KernelRoot
  readonly #probe: ProbeMonitor
  #known = new Map<number, Known>()

  constructor(root: KernelRoot, probe: ProbeMonitor = probeMerging) {
    this.#root = root
    this.#probe = probe
  }

  /** Asks the monitors of guests that are new; forgets those that have gone. A reused pid is a new guest a look later. */
  async follow(guests: readonly Guest[], nowSeconds: number): Promise<void> {
    const before = this.#known
    this.#known = new Map()
    for (const guest of guests) {
      const known = before.get(guest.pid)
      const holds = known && (known.reachable || nowSeconds - known.askedAtSeconds < retrySeconds)
      this.#known.set(guest.pid, holds ? known : await this.#ask(guest, nowSeconds))
    }
  }

  isReachable(pid: number): boolean {
    return this.#known.get(pid)?.reachable ?? false
  }

  /** undefined: not switched since it was measured. */
  mergeable(pid: number): boolean | undefined {
    return this.#known.get(pid)?.mergeable
  }

  noteSwitched(pid: number, mergeable: boolean): void {
    const known = this.#known.get(pid)
    if (known !== undefined) this.#known.set(pid, { ...known, mergeable })
  }

  /** Left alone for a while: asking each round would be no use. */
  noteFailed(pid: number, nowSeconds: number): void {
    this.#known.set(pid, { reachable: false, askedAtSeconds: nowSeconds })
  }

  async #ask(guest: Guest, askedAtSeconds: number): Promise<Known> {
    try {
      await this.#probe(this.#root, guest)
      return { reachable: true, askedAtSeconds }
    } catch (error) {
      // No monitor, or one that is busy: the policy explains that the guest stays as it is.
      if (asProblem(error).code === 'internal') throw error
      return { reachable: false, askedAtSeconds }
    }
  }
}

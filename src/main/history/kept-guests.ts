// Under how many names the figures of guests are kept. Whoever may start guests on a host names them as they like, and each
// new name would cost rows at every level, for a year.
import { Allowance } from '../../shared/channel/allowance.ts'
import { most } from '../../shared/contract/bounded.ts'
import type { Interval } from './interval.ts'

/** Guests without a line of their own, together: every figure of guests is a quotient of sums. */
export const otherGuests = 'other guests, on average'

/** New names at once, as after a start of the workbench, and how many more each hour. */
const namesAtOnce = most.guests
const namesPerHour = 60
const maxKnown = 4 * most.guests

/** Of all hosts, for as long as the workbench runs. */
export class KeptGuests {
  readonly #hosts = new Map<string, KnownNames>()
  readonly #nowMs: () => number

  /** `nowMs` is monotonic. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /** The interval, with guests of names that are too many as `otherGuests`. */
  limitNames(hostId: string, interval: Interval): Interval {
    const known = this.#hosts.get(hostId) ?? new KnownNames(this.#nowMs)
    this.#hosts.set(hostId, known)
    const { reads, requests, ioWaits, cpu } = interval
    const names = new Set([...reads, ...requests, ...ioWaits, ...cpu].map(({ guest }) => guest))
    const others = new Set([...names].filter((name) => !known.admits(name)))
    if (others.size === 0) return interval
    return {
      ...interval,
      reads: together(reads, ['askedBytes', 'fetchedBytes'], others),
      requests: together(requests, ['reads', 'timedReads', 'seconds', 'observedSeconds'], others),
      ioWaits: together(ioWaits, ['waitedMs', 'observedMs'], others),
      cpu: together(cpu, ['usedMs', 'observedMs'], others),
    }
  }

  forget(hostId: string): void {
    this.#hosts.delete(hostId)
  }
}

class KnownNames {
  /** Those that were seen last at the end. */
  readonly #names = new Set<string>()
  readonly #new: Allowance

  constructor(nowMs: () => number) {
    this.#new = new Allowance(namesAtOnce, namesPerHour / 3600, nowMs)
  }

  admits(name: string): boolean {
    if (!this.#names.delete(name) && !this.#new.spend()) return false
    this.#names.add(name)
    for (const oldest of this.#names) {
      if (this.#names.size <= maxKnown) break
      this.#names.delete(oldest)
    }
    return true
  }
}

type Figures<K extends string> = { readonly guest: string } & Readonly<Record<K, number>>

function together<K extends string>(
  items: readonly Figures<K>[],
  keys: readonly K[],
  others: ReadonlySet<string>,
): Figures<K>[] {
  const own = items.filter(({ guest }) => !others.has(guest))
  const rest = items.filter(({ guest }) => others.has(guest))
  if (rest.length === 0) return own
  const sums = keys.map((key) => [key, rest.reduce((sum, item) => sum + item[key], 0)] as const)
  return [...own, { guest: otherGuests, ...(Object.fromEntries(sums) as Record<K, number>) }]
}

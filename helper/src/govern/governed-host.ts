// What the loop needs of a host: looking, measuring and acting, so that it can be tested without a kernel.
import type { GivenBack } from '../ksm/huge-page-budget.ts'
import type { BurstCounters } from '../policies/ksm-burst.ts'
import type { KsmAction, KsmObservation } from '../policies/ksm-observation.ts'
import type { Evict } from '../policies/scrub-action.ts'
import type { ScrubObservation } from '../policies/scrub-observation.ts'

export interface Seen {
  readonly scrub: ScrubObservation
  /** Absent: this kernel has no KSM, or it was not asked for. */
  readonly ksm?: KsmObservation
  /** What could not be read, as sentences. A guest that has ended is not among it. */
  readonly unreadable: readonly string[]
}

export interface LookAsked {
  readonly ksm: boolean
  /** Lists guests anew, however short ago they were listed: one may just have started. */
  readonly newcomers?: boolean
  /** Paths of the images to look at; the others count as they were at the last look. Absent: all. */
  readonly only?: ReadonlySet<string>
}

export interface EvictedImage {
  /** Its label: the path, with more where another image has the same one. */
  readonly path: string
  readonly id: string
  readonly evictedPages: number
}

export interface GovernedHost {
  readonly pageBytes: number
  /** Seconds on a clock that only goes forward. */
  readonly nowSeconds: () => number
  /** CPU time that this process has used. */
  readonly cpuSeconds: () => number
  /** KSM is left out unless asked for: its many small files are most of what a look costs. */
  observe(options: LookAsked): Promise<Seen>
  /** Reads guests' memory: potential per guest, and which cached pages guests hold. Throws `cancelled`. */
  measure(signal: AbortSignal): Promise<void>
  /** What a burst is judged by; cheap. */
  readBurst(): Promise<BurstCounters>
  /** CPU seconds that ksmd has used; cheap. undefined: /proc does not show it. */
  readKsmdCpu(): Promise<number | undefined>
  /** Collapses huge pages that were split in vain, for at most so long; audited. */
  giveBack(seconds: number, signal: AbortSignal): Promise<GivenBack>
  /** Carried out, journaled and audited; `measure` and `give-back` are left out, as the loop does them. */
  applyKsm(actions: readonly KsmAction[]): Promise<void>
  evict(actions: readonly Evict[]): Promise<readonly EvictedImage[]>
  /** Has what was evicted last read again, at most so many pages; returns how many were asked for. */
  readBack(pages: number): Promise<number>
}

// What a scrub policy may ask of the engine: evictions. Other levers were tried and did not pay (docs/policies.md).
import type { Trial } from './scrub-trial.ts'

/** Which pages of a region an eviction may take. Dirty pages always stay unless they are flushed first. */
export type EvictClass = 'clean' | 'double-cached' | 'held-by-all'

export interface Evict {
  readonly image: string
  readonly region: number
  readonly take: EvictClass
  /** At most this many pages. */
  readonly pages: number
  /** Write dirty pages back first. */
  readonly flush: boolean
  /** Part of a recognised stream: a page that returns costs a sequential read only. */
  readonly stream: boolean
}

/** What a mode asks for before the guards have their say. */
export interface ScrubWish {
  readonly actions: readonly Evict[]
  /** Nothing will be asked for any more, whatever is observed. */
  readonly finished: boolean
  readonly explanation: readonly string[]
  /** Images that have to be looked at often; the others change little until the next whole look. Absent: all do. */
  readonly watch?: ReadonlySet<string>
  /** What streams have cached. Absent: this mode knows no streams. */
  readonly streamPages?: number
  /** Absent: as it was. */
  readonly trial?: Trial
}

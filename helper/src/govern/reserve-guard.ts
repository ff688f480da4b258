// What the loop asks of whoever keeps the reserve for broken merges.
import type { KsmPlan } from '../policies/ksm-state.ts'
import type { ScrubPlan } from '../policies/scrub-plan.ts'
import type { EvictedImage, Seen } from './governed-host.ts'
import type { Round } from './round.ts'

export interface ReserveGuard {
  /** Merged pages break faster than the reserve allows. */
  readonly isActing: boolean
  /** Of the last minute, against the reserve. Undefined: none is kept, or breaks are not counted. */
  readonly broken: Round['broken'] | undefined
  /** Cheap, for the time between rounds. True: a round is due at once. */
  checkReserve(): Promise<boolean>
  /** The plan, with the evictions that broken merges need. */
  guardScrub(plan: ScrubPlan, seen: Seen): Promise<ScrubPlan>
  /** The plan without what splits or shares further. */
  guardKsm(plan: KsmPlan | undefined): KsmPlan | undefined
  noteEvicted(evicted: readonly EvictedImage[]): void
}

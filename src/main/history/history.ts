// History of hosts: samples, assessments and scrubs. The database lives in a worker thread (history-worker.ts).
import type {
  Assessment,
  Mark,
  MetricName,
  PolicyNote,
  PolicyRound,
  Sample,
  ScrubResult,
  Series,
} from '../../shared/contract/index.ts'
import type { KeptNote } from './policy-notes.ts'
import type { WhatIsLeft } from './what-is-left.ts'

export interface SeriesQuery {
  readonly hostId: string
  /** By the workbench's wall clock, as rows are kept by the time of arrival. */
  readonly from: number
  readonly to: number
  readonly points: number
  readonly metrics: readonly MetricName[]
}

export interface MarksQuery {
  readonly hostId: string
  readonly from: number
  readonly to: number
}

export interface MeansQuery {
  readonly hostId: string
  readonly from: number
  readonly to: number
  readonly slots: number
}

/** Parallel to the slots, which begin at `from` and are equally long; null where nothing was reported in a slot. */
export interface Means {
  readonly at: readonly number[]
  readonly metrics: Readonly<Partial<Record<MetricName, readonly (number | null)[]>>>
}

export interface Remembered {
  readonly firstAssessment?: Assessment
  readonly assessment?: Assessment
  readonly scrub?: ScrubResult
  readonly left?: WhatIsLeft
}

/**
 * None of these throws for want of a database: what cannot be written now is kept for a while, what cannot be read is
 * a Problem, and `onHealth` of whoever opened it tells how it stands.
 */
export interface History {
  /** `before` is the sample before it of the same helper, if any: rates need two. `round`: the last of a policy that runs. */
  addSample(hostId: string, before: Sample | undefined, sample: Sample, round?: PolicyRound): void
  addAssessment(hostId: string, assessment: Assessment): void
  /** `whole`: all images were scrubbed, so the result says what is still double cached. */
  addScrub(hostId: string, scrub: ScrubResult, whole: boolean): void
  /** Notes that are told again are kept once. */
  addNotes(hostId: string, notes: readonly KeptNote[]): void
  /** The newest first. */
  notes(hostId: string, limit: number): Promise<PolicyNote[]>
  addMark(hostId: string, mark: Mark): void
  /** Oldest first; of too many the newest. */
  marks(query: MarksQuery): Promise<Mark[]>
  remembered(hostId: string): Promise<Remembered>
  series(query: SeriesQuery): Promise<Series>
  /** For reports: no extremes and no guests, but a month of a hundred hosts in seconds. */
  means(query: MeansQuery): Promise<Means>
  forget(hostId: string): void
  /** Writes what is not written yet. */
  close(): Promise<void>
}

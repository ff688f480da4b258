// What main and the history worker say to each other. Both are one program, so nothing is parsed here.
import type { Assessment, Mark, ScrubResult } from '../../shared/contract/index.ts'
import type { ProblemData } from '../../shared/problem.ts'
import type { MarksQuery, MeansQuery, SeriesQuery } from './history.ts'
import type { Interval } from './interval.ts'
import type { KeptNote } from './policy-notes.ts'

export type WorkerWrite =
  | { readonly kind: 'interval'; readonly hostId: string; readonly interval: Interval }
  | {
      readonly kind: 'assessment'
      readonly hostId: string
      readonly at: number
      readonly document: Assessment
    }
  | {
      readonly kind: 'scrub'
      readonly hostId: string
      readonly at: number
      readonly document: ScrubResult
      readonly whole: boolean
    }
  | { readonly kind: 'notes'; readonly hostId: string; readonly notes: readonly KeptNote[] }
  | { readonly kind: 'mark'; readonly hostId: string; readonly mark: Mark }
  | { readonly kind: 'forget'; readonly hostId: string }

export type WorkerQuery =
  | { readonly kind: 'series'; readonly id: number; readonly query: SeriesQuery }
  | { readonly kind: 'marks'; readonly id: number; readonly query: MarksQuery }
  | { readonly kind: 'means'; readonly id: number; readonly query: MeansQuery }
  | { readonly kind: 'notes'; readonly id: number; readonly hostId: string; readonly limit: number }
  | { readonly kind: 'remembered'; readonly id: number; readonly hostId: string }

export type WorkerRequest = WorkerWrite | WorkerQuery

export type WorkerReply =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly problem: ProblemData }
  /** Why nothing can be kept; absent: all that was given is kept. */
  | { readonly kind: 'health'; readonly problem?: ProblemData }
  /** A damaged file was moved away. */
  | { readonly kind: 'aside'; readonly problem: ProblemData }

// Reads the comparison that an address asks for, and tells how far it is.

import type { ComparedMeans, Progress } from '../../shared/contract/index.ts'
import { type ComparedView, compare } from '../../shared/figures/compare.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import type { CallOptions } from '../../shared/rpc.ts'
import { withValue } from '../../shared/with-value.ts'
import { choiceOf, type Range, rangeAt } from '../history/ranges.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import type { FleetStore } from '../store/fleet-store.ts'
import { type CompareChoice, choiceFrom } from './compare-query.ts'

/** `metric` and `per`: of these figures, also once the address asks for others. */
export interface ComparisonState extends Pick<CompareChoice, 'metric' | 'per'> {
  readonly range: Range
  readonly at: readonly number[]
  readonly view: ComparedView
  /** Where one host is compared with itself: of which, and as long before the moment as after it. */
  readonly around?: { readonly hostId: string; readonly before: Range; readonly after: Range }
}

export interface Outcome {
  /** What was read last, also while it is read again and after a failure. */
  readonly shown?: ComparisonState
  readonly problem?: ProblemData
  /** How far the reading under way is; absent: nothing is read, or for no longer than a moment. */
  readonly reading?: Progress
}

export interface ComparisonReading {
  /** Ends it and says so. */
  readonly cancel: () => void
  /** Ends it, and nothing is told any more. */
  readonly leave: () => void
}

const cancelled: ProblemData = { code: 'cancelled', message: 'The history was not read to its end.' }
const slots = 120
/** What is read within it needs no word, which would only move the page. */
const silentMs = 400
/** Between two reports of how far it is. */
const answerWithinMs = 60_000
const shortestSpanMs = 60_000

/** `search`: the query as text. `tell` changes what is shown. */
export function readComparison(
  store: Pick<FleetStore, 'call' | 'find'>,
  search: string,
  tell: (change: (before: Outcome) => Outcome) => void,
): ComparisonReading {
  const [leaving, stopping] = [new AbortController(), new AbortController()]
  let progress: Progress = { step: 'reading history' }
  let isSilent = true
  const tellFar = () => tell(({ shown }) => ({ ...withValue({ shown }), reading: progress }))
  const timer = setTimeout(() => {
    isSilent = false
    tellFar()
  }, silentMs)
  const onProgress = (next: Progress) => {
    progress = next
    if (!isSilent) tellFar()
  }
  const signal = AbortSignal.any([leaving.signal, stopping.signal])
  askFor(store, search, { signal, onProgress, timeoutMs: answerWithinMs })
    .finally(() => clearTimeout(timer))
    .then(
      (shown) => !leaving.signal.aborted && tell(() => ({ shown })),
      (error: unknown) => {
        if (leaving.signal.aborted) return
        const problem = stopping.signal.aborted ? cancelled : asProblem(error).toData()
        tell(({ shown }) => ({ ...withValue({ shown }), problem }))
      },
    )
  return {
    cancel: () => stopping.abort(),
    leave: () => {
      clearTimeout(timer)
      leaving.abort()
    },
  }
}

async function askFor(
  store: Pick<FleetStore, 'call' | 'find'>,
  search: string,
  options: CallOptions,
): Promise<ComparisonState> {
  const query = new URLSearchParams(search)
  const choice = choiceFrom(query)
  const range = rangeAt(choiceOf(query), workbenchNow())
  const nameOf = (id: string) => store.find(id)?.host.name ?? id
  const read = (hostIds: readonly string[], { from, to }: Range) =>
    store.call('compare/means', { hostIds: [...hostIds], metric: choice.metric, from, to, slots }, options)
  if (choice.moment !== undefined) return readAround(choice, choice.moment, range, read)
  return shownOf(await read(choice.hostIds, range), range, choice, nameOf)
}

function shownOf(
  comparison: ComparedMeans,
  range: Range,
  { metric, per }: CompareChoice,
  nameOf: (key: string) => string,
): ComparisonState {
  return { metric, per, range, at: comparison.at, view: compare(comparison, { metric, per, nameOf }) }
}

/** As long before the moment as after it; both are drawn over the time after. */
async function readAround(
  choice: CompareChoice,
  moment: number,
  range: Range,
  read: (hostIds: readonly string[], range: Range) => Promise<ComparedMeans>,
): Promise<ComparisonState> {
  const span = Math.max(shortestSpanMs, Math.min(moment - range.from, range.to - moment))
  const before = { from: moment - span, to: moment }
  const after = { from: moment, to: moment + span }
  const [earlier, later] = await Promise.all([read(choice.hostIds, before), read(choice.hostIds, after)])
  const hosts = [earlier, later].flatMap(({ hosts: [one] }, index) =>
    one ? [{ ...one, hostId: index === 0 ? 'before' : 'after' }] : [],
  )
  const shown = shownOf({ at: later.at, hosts }, after, choice, (key) =>
    key === 'before' ? 'Before' : 'After',
  )
  const [hostId = ''] = choice.hostIds
  return { ...shown, around: { hostId, before, after } }
}

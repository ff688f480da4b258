// The comparison that the address asks for, read again when it asks for another.
import { useEffect, useState } from 'react'
import { type ComparedView, compare } from '../../shared/compare.ts'
import type { ComparedMeans } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { choiceOf, type Range, rangeAt } from '../history/ranges.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { type CompareChoice, choiceFrom } from './compare-query.ts'

export interface ComparisonState {
  readonly range: Range
  readonly at: readonly number[]
  readonly view: ComparedView
  /** Where one host is compared with itself: of which, and as long before the moment as after it. */
  readonly around?: { readonly hostId: string; readonly before: Range; readonly after: Range }
}

type Outcome = { readonly shown?: ComparisonState; readonly problem?: ProblemData }

const slots = 120
const answerWithinMs = 60_000
const shortestSpanMs = 60_000

/** `search`: the query as text. Nothing while it is read for the first time. */
export function useComparison(search: string): Outcome {
  const store = useStore()
  const linked = useFleet(({ link }) => link.state === 'open')
  const [outcome, setOutcome] = useState<Outcome>({})
  useEffect(() => {
    const query = new URLSearchParams(search)
    const choice = choiceFrom(query)
    if (!linked || choice.hostIds.length === 0) return
    const leaving = new AbortController()
    const range = rangeAt(choiceOf(query), workbenchNow())
    const nameOf = (id: string) => store.find(id)?.host.name ?? id
    const read = (hostIds: readonly string[], { from, to }: Range) =>
      store.call(
        'compare/means',
        { hostIds: [...hostIds], metric: choice.metric, from, to, slots },
        { signal: leaving.signal, timeoutMs: answerWithinMs },
      )
    const reading =
      choice.moment === undefined
        ? read(choice.hostIds, range).then((comparison) => shownOf(comparison, range, choice, nameOf))
        : readAround(choice, choice.moment, range, read)
    reading.then(
      (shown) => setOutcome({ shown }),
      (error: unknown) => {
        if (!leaving.signal.aborted) setOutcome({ problem: asProblem(error).toData() })
      },
    )
    return () => leaving.abort()
  }, [store, search, linked])
  return outcome
}

function shownOf(
  comparison: ComparedMeans,
  range: Range,
  { metric, per }: CompareChoice,
  nameOf: (key: string) => string,
): ComparisonState {
  return { range, at: comparison.at, view: compare(comparison, { metric, per, nameOf }) }
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

// A host's series over a range, renewed as samples arrive while the range ends now.
import { useEffect, useState } from 'react'
import { type Mark, metricNames, type Series } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { chartPoints, type Range, type RangeChoice, rangeAt, renewalMs } from './ranges.ts'

export interface SeriesState {
  /** Undefined while loading. */
  readonly series: Series | undefined
  readonly range: Range
  /** What happened in the range, oldest first. */
  readonly marks: readonly Mark[]
  readonly problem: ProblemData | undefined
}

const answerWithinMs = 20_000

/** `choice` must be the same object while it means the same. */
export function useSeries(hostId: string, choice: RangeChoice): SeriesState {
  const store = useStore()
  const linked = useFleet(({ link }) => link.state === 'open')
  const [state, setState] = useState<SeriesState>(() => startOf(choice))
  useEffect(() => {
    if (!linked) return
    const leaving = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const renew = async () => {
      const range = rangeAt(choice, workbenchNow())
      try {
        const query = { hostId, ...range, points: chartPoints, metrics: [...metricNames] }
        const options = { signal: leaving.signal, timeoutMs: answerWithinMs }
        const [series, marks] = await Promise.all([
          store.call('history/series', query, options),
          store.call('history/marks', { hostId, ...range }, options),
        ])
        setState({ series, range, marks, problem: undefined })
      } catch (error) {
        if (leaving.signal.aborted) return
        setState((before) => ({ ...before, problem: asProblem(error).toData() }))
      }
      const isOver = typeof choice !== 'string' && choice.to < workbenchNow()
      if (!leaving.signal.aborted && !isOver) timer = setTimeout(renew, renewalMs(range.to - range.from))
    }
    setState((before) => ({ ...before, range: startOf(choice).range }))
    void renew()
    return () => {
      leaving.abort()
      clearTimeout(timer)
    }
  }, [store, hostId, choice, linked])
  return state
}

function startOf(choice: RangeChoice): SeriesState {
  return { series: undefined, range: rangeAt(choice, workbenchNow()), marks: [], problem: undefined }
}

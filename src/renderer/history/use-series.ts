// A host's series over a range that ends now, renewed as samples arrive.
import { useEffect, useState } from 'react'
import { metricNames, type Series } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { chartPoints, renewalMs } from './ranges.ts'

export interface SeriesState {
  /** Undefined while loading. */
  readonly series: Series | undefined
  readonly range: { readonly from: number; readonly to: number }
  readonly problem: ProblemData | undefined
}

const answerWithinMs = 20_000

export function useSeries(hostId: string, rangeMs: number): SeriesState {
  const store = useStore()
  const linked = useFleet(({ link }) => link.state === 'open')
  const [state, setState] = useState<SeriesState>(() => startOf(rangeMs))
  useEffect(() => {
    if (!linked) return
    const leaving = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const renew = async () => {
      const to = workbenchNow()
      const range = { from: to - rangeMs, to }
      try {
        const query = { hostId, ...range, points: chartPoints, metrics: [...metricNames] }
        const series = await store.call('history/series', query, {
          signal: leaving.signal,
          timeoutMs: answerWithinMs,
        })
        setState({ series, range, problem: undefined })
      } catch (error) {
        if (leaving.signal.aborted) return
        setState((before) => ({ ...before, problem: asProblem(error).toData() }))
      }
      if (!leaving.signal.aborted) timer = setTimeout(renew, renewalMs(rangeMs))
    }
    setState((before) => ({ ...before, range: startOf(rangeMs).range }))
    void renew()
    return () => {
      leaving.abort()
      clearTimeout(timer)
    }
  }, [store, hostId, rangeMs, linked])
  return state
}

function startOf(rangeMs: number): SeriesState {
  const to = workbenchNow()
  return { series: undefined, range: { from: to - rangeMs, to }, problem: undefined }
}

// A host's series over a range, renewed as samples arrive while the range ends now.
import { useEffect, useState } from 'react'
import { type Mark, metricNames, type Series } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import type { FleetStore } from '../store/fleet-store.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { chartPoints, type Range, type RangeChoice, rangeAt, renewalMs } from './ranges.ts'

export interface SeriesState {
  /** Undefined while loading. */
  readonly series: Series | undefined
  readonly range: Range
  /** What happened in the range, oldest first. */
  readonly marks: readonly Mark[]
  readonly problem: ProblemData | undefined
  /** By the clock of the workbench; undefined while loading. */
  readonly readAt: number | undefined
}

const answerWithinMs = 20_000

interface Held {
  readonly about: string
  readonly state: SeriesState & { readonly readAt: number }
}

/** Older figures are not shown as if they were new. */
const heldForMs = 60_000

/** The last that was read: the tabs of a host show it at once, and renew it. */
const lastRead = new WeakMap<FleetStore, Held>()

/** `choice` must be the same object while it means the same. */
export function useSeries(hostId: string, choice: RangeChoice): SeriesState {
  const store = useStore()
  const linked = useFleet(({ link }) => link.state === 'open')
  const [state, setState] = useState<SeriesState>(() => {
    const held = lastRead.get(store)
    const isFresh = held !== undefined && workbenchNow() - held.state.readAt < heldForMs
    return isFresh && held.about === aboutOf(hostId, choice) ? held.state : startOf(choice)
  })
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
        const read = { series, range, marks, problem: undefined, readAt: workbenchNow() }
        lastRead.set(store, { about: aboutOf(hostId, choice), state: read })
        setState(read)
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

function aboutOf(hostId: string, choice: RangeChoice): string {
  return JSON.stringify([hostId, choice])
}

function startOf(choice: RangeChoice): SeriesState {
  const range = rangeAt(choice, workbenchNow())
  return { series: undefined, range, marks: [], problem: undefined, readAt: undefined }
}

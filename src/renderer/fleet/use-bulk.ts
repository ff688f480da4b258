// One act on many hosts: so many at a time, one progress for all, a result for each, and a way to stop.
import { useCallback, useRef, useState } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'

export interface BulkAct {
  /** "Assess". */
  readonly title: string
  /** Resolves with what came of it, in a few words. */
  readonly run: (view: HostView, signal: AbortSignal) => Promise<string>
  /** Offered for the hosts that refuse it, as their service has another policy: after a question, since that one ends. */
  readonly replacing?: BulkAct
}

export interface BulkResult {
  readonly hostId: string
  readonly name: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'left-out'
  /** What came of it. */
  readonly text?: string
  readonly problem?: ProblemData
}

export interface BulkRun {
  readonly act: BulkAct
  readonly results: readonly BulkResult[]
  readonly isOver: boolean
}

const atOnce = 8

export interface Bulk {
  /** The last one; undefined: none yet, or put away. */
  readonly run: BulkRun | undefined
  readonly start: (act: BulkAct, views: readonly HostView[]) => void
  /** Begins no more, and cancels what runs. */
  readonly stop: () => void
  readonly putAway: () => void
}

export function useBulk(): Bulk {
  const [run, setRun] = useState<BulkRun>()
  const ending = useRef(new AbortController())
  const start = useCallback((act: BulkAct, views: readonly HostView[]) => {
    ending.current = new AbortController()
    const { signal } = ending.current
    const results = views.map(({ host }) => ({ hostId: host.id, name: host.name, state: 'waiting' as const }))
    setRun({ act, results, isOver: false })
    const note = (hostId: string, change: Partial<BulkResult>) =>
      setRun((before) => before && { ...before, results: withResult(before.results, hostId, change) })
    void runAll(act, views, signal, note).then(() =>
      setRun((before) => before && { ...before, isOver: true }),
    )
  }, [])
  const stop = useCallback(() => ending.current.abort(), [])
  const putAway = useCallback(() => setRun(undefined), [])
  return { run, start, stop, putAway }
}

function withResult(
  results: readonly BulkResult[],
  hostId: string,
  change: Partial<BulkResult>,
): BulkResult[] {
  return results.map((result) => (result.hostId === hostId ? { ...result, ...change } : result))
}

async function runAll(
  act: BulkAct,
  views: readonly HostView[],
  signal: AbortSignal,
  note: (hostId: string, change: Partial<BulkResult>) => void,
): Promise<void> {
  const waiting = [...views]
  const work = async () => {
    for (let view = waiting.shift(); view; view = waiting.shift()) {
      const { id } = view.host
      if (signal.aborted) {
        note(id, { state: 'left-out', text: 'not begun' })
        continue
      }
      note(id, { state: 'running' })
      try {
        note(id, { state: 'done', text: await act.run(view, signal) })
      } catch (error) {
        const problem = asProblem(error, act.title).toData()
        note(
          id,
          problem.code === 'cancelled'
            ? { state: 'left-out', text: 'cancelled' }
            : { state: 'failed', problem },
        )
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

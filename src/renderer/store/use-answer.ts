// What a screen asks of main and shows: asked once the link is there, and again when the link is new.
import { useEffect, useState } from 'react'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { workbenchNow } from '../model/workbench-clock.ts'
import type { FleetStore } from './fleet-store.ts'
import { useFleet, useStore } from './use-fleet.ts'

export interface Answer<T> {
  /** Undefined until it is known for the first time; after a failure still what was known before. */
  readonly value: T | undefined
  /** Why it could not be asked for the last time. */
  readonly problem: ProblemData | undefined
  /** When the value was read. Absent: it is kept up by what is told. */
  readonly readAt?: number
}

const answerWithinMs = 60_000

export interface AskOptions {
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** `about`: what the question depends on; another value asks again. Null: there is nothing to ask. */
export function useAnswer<T>(
  ask: (store: FleetStore, options: AskOptions) => Promise<T>,
  about: unknown = '',
): Answer<T> {
  const store = useStore()
  const isOpen = useFleet(({ link }) => link.state === 'open')
  const [answer, setAnswer] = useState<Answer<T>>({ value: undefined, problem: undefined })
  // biome-ignore lint/correctness/useExhaustiveDependencies: `about` stands for what `ask` depends on.
  useEffect(() => {
    if (!isOpen || about === null) return undefined
    const leaving = new AbortController()
    ask(store, { signal: leaving.signal, timeoutMs: answerWithinMs }).then(
      (value) => {
        if (!leaving.signal.aborted) setAnswer({ value, problem: undefined, readAt: workbenchNow() })
      },
      (error: unknown) => {
        if (leaving.signal.aborted) return
        setAnswer((before) => ({ ...before, problem: asProblem(error).toData() }))
      },
    )
    return () => leaving.abort()
  }, [store, isOpen, about])
  return answer
}

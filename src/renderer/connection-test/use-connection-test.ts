// Runs a connection test and follows its steps; ends it when nobody looks any more.
import { useCallback, useEffect, useRef, useState } from 'react'
import type { ConnectionTest, TestStep, TestTarget } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'

export interface TestRun {
  readonly running: boolean
  readonly steps: readonly TestStep[]
  readonly result: ConnectionTest | undefined
  /** The test itself could not be run. */
  readonly problem: ProblemData | undefined
  readonly start: (target: TestTarget) => void
  readonly cancel: () => void
}

const none: readonly TestStep[] = []

interface Outcome {
  readonly id: string
  readonly result?: ConnectionTest
  readonly problem?: ProblemData
}

export function useConnectionTest(): TestRun {
  const store = useStore()
  const [outcome, setOutcome] = useState<Outcome>()
  const abort = useRef<AbortController>(undefined)
  const live = useFleet(({ tests }) => (outcome ? tests[outcome.id] : undefined)) ?? none
  const start = useCallback(
    (target: TestTarget) => {
      abort.current?.abort()
      const current = new AbortController()
      abort.current = current
      const id = crypto.randomUUID()
      setOutcome({ id })
      store.call('hosts/test', { id, target }, { signal: current.signal }).then(
        (result) => setOutcome({ id, result }),
        (error: unknown) =>
          abort.current === current && setOutcome({ id, problem: asProblem(error).toData() }),
      )
    },
    [store],
  )
  const cancel = useCallback(() => abort.current?.abort(), [])
  useEffect(() => cancel, [cancel])
  return {
    running: outcome !== undefined && !outcome.result && !outcome.problem,
    steps: outcome?.result?.steps ?? live,
    result: outcome?.result,
    problem: outcome?.problem,
    start,
    cancel,
  }
}

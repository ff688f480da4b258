// Runs a request from a button: busy while under way, its failure as a toast.
import { useCallback, useState } from 'react'
import { toastProblem } from './toasts.ts'

export interface Act {
  readonly busy: boolean
  /** Never rejects: a failure is shown. */
  readonly run: (attempt: string, request: () => Promise<unknown>) => void
}

export function useAct(): Act {
  const [running, setRunning] = useState(0)
  const run = useCallback<Act['run']>((attempt, request) => {
    setRunning((count) => count + 1)
    request()
      .catch((error: unknown) => toastProblem(attempt, error))
      .finally(() => setRunning((count) => count - 1))
  }, [])
  return { busy: running > 0, run }
}

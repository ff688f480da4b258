// Has main read the pasted text, once the typing pauses.
import { useEffect, useState } from 'react'
import type { HostImport } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { useStore } from '../store/use-fleet.ts'

export type Reading =
  | { readonly state: 'empty' }
  | { readonly state: 'reading' }
  | { readonly state: 'read'; readonly found: HostImport }
  | { readonly state: 'refused'; readonly problem: ProblemData }

const pauseMs = 250

export function useImport(text: string): Reading {
  const store = useStore()
  const [reading, setReading] = useState<Reading>({ state: 'empty' })
  useEffect(() => {
    if (text.trim() === '') {
      setReading({ state: 'empty' })
      return
    }
    const abort = new AbortController()
    const timer = setTimeout(() => {
      setReading({ state: 'reading' })
      store.call('hosts/parse-inventory', { text }, { signal: abort.signal }).then(
        (found) => abort.signal.aborted || setReading({ state: 'read', found }),
        (error: unknown) =>
          abort.signal.aborted || setReading({ state: 'refused', problem: asProblem(error).toData() }),
      )
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [store, text])
  return reading
}

// The comparison that the address asks for, read again when it asks for another.
import { useCallback, useEffect, useRef, useState } from 'react'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { choiceFrom } from './compare-query.ts'
import { type ComparisonReading, type Outcome, readComparison } from './read-comparison.ts'

interface ShownComparison extends Outcome {
  readonly cancel: () => void
  readonly again: () => void
}

/** `search`: the query as text. Nothing is read where it names no host. */
export function useComparison(search: string): ShownComparison {
  const store = useStore()
  const linked = useFleet(({ link }) => link.state === 'open')
  const [outcome, setOutcome] = useState<Outcome>({})
  const [asked, setAsked] = useState(0)
  const reading = useRef<ComparisonReading>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` counts how often it was asked for again.
  useEffect(() => {
    if (!linked || choiceFrom(new URLSearchParams(search)).hostIds.length === 0) return
    const begun = readComparison(store, search, setOutcome)
    reading.current = begun
    return () => begun.leave()
  }, [store, search, linked, asked])
  const cancel = useCallback(() => reading.current?.cancel(), [])
  const again = useCallback(() => setAsked((count) => count + 1), [])
  return { ...outcome, cancel, again }
}

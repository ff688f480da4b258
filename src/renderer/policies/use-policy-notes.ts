// What policies decided on a host: asked for when the page opens, and when a run begins or ends.
import { useEffect, useState } from 'react'
import type { HostView, PolicyNote } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { useStore } from '../store/use-fleet.ts'

export interface ShownNotes {
  /** Undefined while they are asked for. */
  readonly notes: readonly PolicyNote[] | undefined
  readonly problem: ProblemData | undefined
}

const limit = 500
/** History is written once a second. */
const writtenMs = 1500

/** Also of a host that is not connected: the workbench has kept them. */
export function usePolicyNotes(view: HostView): ShownNotes {
  const store = useStore()
  const hostId = view.host.id
  const since = view.policy?.since
  const [shown, setShown] = useState<ShownNotes>({ notes: undefined, problem: undefined })
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when a policy began or ended.
  useEffect(() => {
    let isCurrent = true
    const ask = () =>
      store.call('policies/notes', { hostId, limit }).then(
        ({ notes }) => isCurrent && setShown({ notes, problem: undefined }),
        (error: unknown) =>
          isCurrent && setShown(({ notes }) => ({ notes, problem: asProblem(error).toData() })),
      )
    void ask()
    const again = setTimeout(ask, writtenMs)
    return () => {
      isCurrent = false
      clearTimeout(again)
    }
  }, [store, hostId, since])
  return shown
}

// What policies decided on a host: asked for when the page opens, and when a run begins or ends.
import { useEffect, useState } from 'react'
import type { HostView, PolicyNote } from '../../shared/contract/index.ts'
import { type Answer, useAnswer } from '../store/use-answer.ts'

const limit = 500
/** History is written once a second. */
const writtenMs = 1500

/** Also of a host that is not connected: the workbench has kept them. */
export function usePolicyNotes(view: HostView): Answer<readonly PolicyNote[]> {
  const hostId = view.host.id
  const since = view.policy?.since
  const [written, setWritten] = useState<number>()
  useEffect(() => {
    const again = setTimeout(() => setWritten(since), writtenMs)
    return () => clearTimeout(again)
  }, [since])
  return useAnswer(
    async (store, options) => (await store.call('policies/notes', { hostId, limit }, options)).notes,
    `${hostId} ${since} ${written}`,
  )
}

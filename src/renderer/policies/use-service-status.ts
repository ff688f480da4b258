// The service of a host: asked for when it is connected, when a policy began or ended, and until it stands still.
import { useCallback, useEffect, useState } from 'react'
import type { HostView, ServiceStatus } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { isSettled } from './mode-on-host.ts'

export interface ShownService {
  /** Undefined while it is asked for, where the host is not connected, and where the helper cannot tell. */
  readonly status: ServiceStatus | undefined
  /** Why the helper cannot tell. */
  readonly problem: ProblemData | undefined
  readonly show: (status: ServiceStatus) => void
}

const askAgainMs = 5_000

export function useServiceStatus(view: HostView): ShownService {
  const store = useStore()
  const hostId = view.host.id
  const isLinked = useFleet(({ link }) => link.state === 'open')
  const isConnected = view.connection.state === 'connected'
  const runId = view.policy?.id
  const connectedSince = view.connection.since
  const [known, setKnown] = useState<Omit<ShownService, 'show'>>(unknown)
  const [asked, setAsked] = useState(0)
  const show = useCallback((status: ServiceStatus) => setKnown({ status, problem: undefined }), [])
  const isOpen = isConnected && !isSettled(known)
  // What was known of another connection, or before a policy began or ended, may hold no more.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  useEffect(() => setKnown(unknown), [store, hostId, isConnected, connectedSince, runId])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them is a reason to ask again.
  useEffect(() => {
    // What was known stays until the workbench can be asked again.
    if (!isLinked) return undefined
    let isCurrent = true
    if (isConnected)
      store.call('service/status', { hostId }).then(
        (status) => isCurrent && setKnown({ status, problem: undefined }),
        (error: unknown) => isCurrent && setKnown({ status: undefined, problem: asProblem(error).toData() }),
      )
    return () => {
      isCurrent = false
    }
  }, [store, hostId, isLinked, isConnected, connectedSince, runId, asked])
  useEffect(() => {
    if (!isOpen) return undefined
    const timer = setInterval(() => setAsked((count) => count + 1), askAgainMs)
    return () => clearInterval(timer)
  }, [isOpen])
  return { ...known, show }
}

const unknown = { status: undefined, problem: undefined }

// The service of a host: asked for when it is connected, when a policy began or ended, and on request.
import { useCallback, useEffect, useState } from 'react'
import type { HostView, ServiceStatus } from '../../shared/contract/index.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'

export interface ShownService {
  /** Undefined while it is asked for, where the host is not connected, and where the helper cannot tell. */
  readonly status: ServiceStatus | undefined
  readonly show: (status: ServiceStatus) => void
}

export function useServiceStatus(view: HostView): ShownService {
  const store = useStore()
  const hostId = view.host.id
  const isLinked = useFleet(({ link }) => link.state === 'open')
  const isConnected = view.connection.state === 'connected'
  const since = view.policy?.since
  const [status, setStatus] = useState<ServiceStatus>()
  const show = useCallback((answer: ServiceStatus) => setStatus(answer), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when a policy began or ended.
  useEffect(() => {
    // What was known stays until the workbench can be asked again.
    if (!isLinked) return undefined
    let isCurrent = true
    setStatus(undefined)
    if (isConnected)
      store.call('service/status', { hostId }).then(
        (answer) => isCurrent && setStatus(answer),
        // The panel of the policy says why the host does not answer.
        () => undefined,
      )
    return () => {
      isCurrent = false
    }
  }, [store, hostId, isLinked, isConnected, since])
  return { status, show }
}

/** Whether what is started on the host goes on without the workbench. */
export function modeOnHost(status: ServiceStatus | undefined): 'session' | 'service' {
  return status?.state === 'running' || status?.state === 'starting' ? 'service' : 'session'
}

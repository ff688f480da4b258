// What runs on a host: asked when it is connected and when something was started or stopped, then kept up by rounds.
import { useCallback, useEffect, useState } from 'react'
import type { HostView, PolicyRound, PolicyStatus } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'

const keptRounds = 300
const noRounds: readonly PolicyRound[] = []

export interface ShownPolicy {
  /** Undefined while it is asked for, or where the host is not connected. */
  readonly status: PolicyStatus | undefined
  readonly problem: ProblemData | undefined
  readonly reload: () => void
}

export function usePolicyStatus(view: HostView): ShownPolicy {
  const store = useStore()
  const hostId = view.host.id
  const isLinked = useFleet(({ link }) => link.state === 'open')
  const isConnected = view.connection.state === 'connected'
  const isRunning = view.policy !== undefined
  const [asked, setAsked] = useState(0)
  const [status, setStatus] = useState<PolicyStatus>()
  const [problem, setProblem] = useState<ProblemData>()
  const rounds = useFleet((fleet) => fleet.rounds[hostId] ?? noRounds)
  const reload = useCallback(() => setAsked((count) => count + 1), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when a policy began or ended, and on request.
  useEffect(() => {
    if (!isConnected) {
      setStatus(undefined)
      return undefined
    }
    // What was known stays until the workbench can be asked again.
    if (!isLinked) return undefined
    let isCurrent = true
    store.call('policies/status', { hostId }).then(
      (answer) => {
        if (!isCurrent) return
        setStatus(answer)
        setProblem(undefined)
      },
      (error: unknown) => isCurrent && setProblem(asProblem(error).toData()),
    )
    return () => {
      isCurrent = false
    }
  }, [store, hostId, isLinked, isConnected, isRunning, asked])
  return { status: status && withRounds(status, rounds), problem, reload }
}

/** Rounds of this run that came since the status was asked for. */
function withRounds(status: PolicyStatus, rounds: readonly PolicyRound[]): PolicyStatus {
  if (status.run === undefined) return status
  const last = status.run.rounds.at(-1)?.sequence ?? 0
  const newer = rounds.filter(({ sequence, at }) => sequence > last && at >= (status.run?.since ?? 0))
  return { ...status, run: { ...status.run, rounds: [...status.run.rounds, ...newer].slice(-keptRounds) } }
}

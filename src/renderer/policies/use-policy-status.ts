// What runs on a host: asked when it is connected, when a run began or ended and when rounds are missing, else kept up by
// rounds.
import { useCallback, useEffect, useState } from 'react'
import type { HostView, PolicyRound, PolicyStatus } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { firstMissing, joinRounds } from './run-rounds.ts'

const noRounds: readonly PolicyRound[] = []

/** Nobody tells when another process has ended. */
const heldAgainMs = 5_000

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
  const connectedSince = view.connection.since
  const runId = view.policy?.id
  const [asked, setAsked] = useState(0)
  const [status, setStatus] = useState<PolicyStatus>()
  const [problem, setProblem] = useState<ProblemData>()
  const rounds = useFleet((fleet) => fleet.rounds[hostId] ?? noRounds)
  const reload = useCallback(() => setAsked((count) => count + 1), [])
  const missing = status?.run && firstMissing(status.run, rounds)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them is a reason to ask again.
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
  }, [store, hostId, isLinked, isConnected, connectedSince, runId, missing, asked])
  const isHeld = status?.heldBy !== undefined
  useEffect(() => {
    if (!isHeld) return undefined
    const timer = setInterval(reload, heldAgainMs)
    return () => clearInterval(timer)
  }, [isHeld, reload])
  return { status: status && withRun(status, rounds), problem, reload }
}

function withRun(status: PolicyStatus, rounds: readonly PolicyRound[]): PolicyStatus {
  const { run } = status
  return run === undefined ? status : { ...status, run: { ...run, rounds: joinRounds(run, rounds) } }
}

// Asks for estimates of capacity of several hosts, and holds what came of each.
import { useRef, useState } from 'react'
import type { Capacity, Policy } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'
import { useStore } from '../store/use-fleet.ts'

export interface CapacityQuestion {
  /** Absent: the guest of median size of each host. */
  readonly like?: string | undefined
  /** Absent: what a host runs by default once changes are allowed. */
  readonly policy?: { readonly name: string; readonly policy: Policy } | undefined
  readonly anew: boolean
}

export interface HostEstimate {
  readonly hostId: string
  /** Of these one, or none while it is being made for the first time. */
  readonly capacity?: Capacity
  readonly problem?: ProblemData
}

interface Estimates {
  readonly byHost: ReadonlyMap<string, HostEstimate>
  readonly busy: boolean
  readonly step: string
  readonly make: (hostIds: readonly string[], question: CapacityQuestion) => Promise<void>
  readonly cancel: () => void
}

/** A host that fails is a Problem beside the others; what was known of it before stays. */
export function useCapacity(): Estimates {
  const store = useStore()
  const [byHost, setByHost] = useState<ReadonlyMap<string, HostEstimate>>(new Map())
  const [running, setRunning] = useState(0)
  const [step, setStep] = useState('')
  const leaving = useRef<AbortController>(undefined)
  const note = (hostId: string, change: Omit<HostEstimate, 'hostId'>) =>
    setByHost((held) => {
      const { problem: _, ...before } = held.get(hostId) ?? { hostId }
      return new Map(held).set(hostId, { ...before, ...change })
    })
  const make = async (hostIds: readonly string[], { like, policy, anew }: CapacityQuestion) => {
    const cancelling = new AbortController()
    leaving.current = cancelling
    setRunning((count) => count + 1)
    const askOne = async (hostId: string) => {
      const order = { hostId, anew, ...withValue({ like, policy: policy?.policy, policyName: policy?.name }) }
      const options = {
        signal: cancelling.signal,
        onProgress: (progress: { readonly step: string }) => setStep(progress.step),
      }
      try {
        note(hostId, { capacity: await store.call('capacity/estimate', order, options) })
      } catch (error) {
        note(hostId, { problem: asProblem(error).toData() })
      }
    }
    await Promise.all(hostIds.map(askOne))
    setRunning((count) => count - 1)
    setStep('')
  }
  return { byHost, busy: running > 0, step, make, cancel: () => leaving.current?.abort() }
}

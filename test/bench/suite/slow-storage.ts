// Workload (b) on slower storage than that of the other workloads: what a policy brings depends on it.
import { fullPair, type PairPlan } from './pair.ts'
import type { PolicyName } from './policies.ts'
import type { WorkloadName } from './workload-names.ts'

/** The stream lasts until it has read what the host can cache several times over. */
const slow: Partial<Record<WorkloadName, PairPlan>> = {
  b500: { ...fullPair, readIops: 500, settleSeconds: 25 },
  // Of a spinning disk. There are few misses in a second.
  b150: { ...fullPair, readIops: 150, settleSeconds: 60, measureSeconds: 10 },
}

/** undefined: a workload that is not of these. */
export function slowPlan(workload: WorkloadName): PairPlan | undefined {
  return slow[workload]
}

/** What the others do is seen on fast storage, in less time. */
export const slowPolicies: readonly PolicyName[] = ['none', 'adaptive', 'oracle']

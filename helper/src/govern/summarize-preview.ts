// A preview of a policy, from the rounds that it took.
import type { Policy } from '../../../src/shared/contract/policies.ts'
import type { PolicyPreview, PolicyRound } from '../../../src/shared/contract/policy-runs.ts'
import { describePolicyCosts } from '../../../src/shared/text/policy-costs.ts'
import { withValue } from '../../../src/shared/with-value.ts'

/** What some dry rounds say together: the most that a round would evict, and what was measured last. Pure. */
export function summarizePreview(policy: Policy, rounds: readonly PolicyRound[]): PolicyPreview {
  const last = rounds.at(-1)
  const potentialBytes = policy.ksm.mode === 'observe' ? undefined : last?.ksm?.potentialBytes
  return {
    rounds: [...rounds],
    wouldEvictBytes: Math.max(0, ...rounds.map(({ wouldEvictBytes }) => wouldEvictBytes ?? 0)),
    ...withValue({ wouldMergeBytes: potentialBytes }),
    costs: describeCosts(policy, last),
  }
}

/** What is likely to be paid, from what the modes do; figures come with the rounds. */
function describeCosts(policy: Policy, last: PolicyRound | undefined): string[] {
  const isUnmeasured = last?.ksm !== undefined && last.ksm.potentialBytes === undefined
  const unmeasured = 'What merging would free was not measured in these rounds.'
  return [
    ...describePolicyCosts(policy),
    ...(policy.ksm.mode === 'govern' && isUnmeasured ? [unmeasured] : []),
  ]
}

// What is asked for, as the address has it.
import { useMemo } from 'react'
import type { NamedPolicy } from '../../shared/contract/index.ts'
import { parsePolicyFile } from '../../shared/policies/policy-file.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'
import { useNamedPolicies } from '../policies/use-policy-library.ts'
import type { CapacityQuestion } from './use-capacity.ts'

interface Question extends Omit<CapacityQuestion, 'anew'> {
  readonly policies: readonly NamedPolicy[]
  readonly policyName: string | undefined
  /** Why the policy of the address cannot be used. */
  readonly problem: ProblemData | undefined
}

export function useQuestion(query: URLSearchParams): Question {
  const { value, problem } = useNamedPolicies()
  return useMemo(() => {
    const policies = value ?? []
    const [like, policyName] = [query.get('like') ?? undefined, query.get('policy') ?? undefined]
    const text = policies.find(({ name }) => name === policyName)?.text
    const base = { policies, policyName, problem, ...withValue({ like }) }
    if (text === undefined || policyName === undefined) return base
    try {
      return { ...base, policy: { name: policyName, policy: parsePolicyFile(text) } }
    } catch (error) {
      return { ...base, problem: asProblem(error).toData() }
    }
  }, [query, value, problem])
}

/** The address with a choice in it; null takes it out. */
export function withChoice(
  query: URLSearchParams,
  choice: Readonly<Record<string, string | null>>,
): URLSearchParams {
  const next = new URLSearchParams(query)
  for (const [key, value] of Object.entries(choice))
    if (value === null) next.delete(key)
    else next.set(key, value)
  return next
}

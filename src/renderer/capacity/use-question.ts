// What is asked for, as the address has it.
import { useMemo } from 'react'
import type { NamedPolicy } from '../../shared/contract/index.ts'
import { parsePolicyFile } from '../../shared/policies/policy-file.ts'
import { asProblem, Problem, type ProblemData } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'
import { useNamedPolicies } from '../policies/use-policy-library.ts'
import type { CapacityQuestion } from './use-capacity.ts'

interface Question extends Omit<CapacityQuestion, 'anew'> {
  readonly policies: readonly NamedPolicy[]
  readonly policyName: string | undefined
  /** Why the policy of the address cannot be used; nothing is estimated by another one in its place. */
  readonly problem: ProblemData | undefined
}

export function useQuestion(query: URLSearchParams): Question {
  const { value, problem } = useNamedPolicies()
  return useMemo(() => {
    const policies = value ?? []
    const [like, policyName] = [query.get('like') ?? undefined, query.get('policy') ?? undefined]
    const text = policies.find(({ name }) => name === policyName)?.text
    const base = { policies, policyName, problem, ...withValue({ like }) }
    if (policyName === undefined || value === undefined) return base
    if (text === undefined) return { ...base, problem: noSuchPolicy(policyName) }
    try {
      return { ...base, policy: { name: policyName, policy: parsePolicyFile(text) } }
    } catch (error) {
      return { ...base, problem: asProblem(error).toData() }
    }
  }, [query, value, problem])
}

function noSuchPolicy(name: string): ProblemData {
  return new Problem('not-found', `cannot find the policy ${name}: it was renamed or removed`, {
    remedy: 'Choose another policy, or clear the choice for the default one.',
  }).toData()
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

/** Why it cannot be asked now: the policy that is chosen is not read yet, or cannot be used. */
export function whyNotAsked({
  policyName,
  policy,
}: Pick<Question, 'policyName' | 'policy'>): string | undefined {
  return policyName === undefined || policy ? undefined : `The policy ${policyName} cannot be used now.`
}

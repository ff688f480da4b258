// Names of the policies that the workbench keeps, as arms to choose from.
import { useNamedPolicies } from '../policies/use-policy-library.ts'

/** Empty until they are known; a workbench that cannot read them offers none. */
export function usePolicyNames(): readonly string[] {
  return useNamedPolicies().value?.map(({ name }) => name) ?? []
}

// Which named policy a host is meant to run, and whether what runs there is that one. Pure.
import type { SavedHost } from '../contract/hosts.ts'
import type { NamedPolicy } from '../contract/named-policies.ts'
import type { Policy } from '../contract/policies.ts'
import { parsePolicyFile } from './policy-file.ts'

export type Assignment =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly policy: NamedPolicy; readonly tag?: string }
  /** Its tags lead to several policies, so none of them counts. */
  | { readonly kind: 'several'; readonly names: readonly string[] }

/** An assignment to the host itself goes before those to its tags. */
export function findAssignment(
  { id, tags }: Pick<SavedHost, 'id' | 'tags'>,
  policies: readonly NamedPolicy[],
): Assignment {
  const own = policies.find(({ hostIds }) => hostIds.includes(id))
  if (own !== undefined) return { kind: 'one', policy: own }
  const byTag = policies.flatMap((policy) => {
    const tag = policy.tags.find((one) => tags.includes(one))
    return tag === undefined ? [] : [{ policy, tag }]
  })
  const [first] = byTag
  if (first === undefined) return { kind: 'none' }
  if (byTag.length > 1) return { kind: 'several', names: byTag.map(({ policy }) => policy.name) }
  return { kind: 'one', ...first }
}

/** Whatever the order of keys. */
function arePoliciesEqual(one: Policy, other: Policy): boolean {
  return canonical(one) === canonical(other)
}

/** The text of a named policy against what runs: defaults that one of them spells out make no difference. */
export function isSamePolicy(text: string, running: Policy): boolean {
  return arePoliciesEqual(parsePolicyFile(text), running)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

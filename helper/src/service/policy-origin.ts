// Who set the policy of the service, and when: for whoever is about to replace it, after a restart too.
import { z } from 'zod'
import { policySchema } from '../../../src/shared/contract/policies.ts'
import { instant, name } from '../../../src/shared/contract/quantity.ts'
import { parseJson } from '../../../src/shared/parsing/parse-json.ts'
import { readState, writeDurably } from '../changes/state-folders.ts'

const originSchema = z.object({
  who: name,
  from: name,
  /** On the host's clock. */
  at: instant,
  /** What was set: a policy file that says something else was written by someone else. */
  policy: policySchema,
})
export type PolicyOrigin = z.infer<typeof originSchema>

/** undefined: none, or one that does not parse: then it is not known who set the policy. Throws a Problem. */
export function readOrigin(path: string): PolicyOrigin | undefined {
  return originSchema.safeParse(parseJson(readState(path) ?? '')).data
}

/** As a clause that follows the policy. Pure. */
export function describeOrigin({ who, from, at }: Omit<PolicyOrigin, 'policy'>): string {
  return `which ${who} (${from}) set on ${new Date(at).toISOString()}`
}

/** By rename. Needs root. Throws a Problem. */
export function writeOrigin(path: string, origin: PolicyOrigin): void {
  writeDurably(path, `${JSON.stringify(origin)}\n`)
}

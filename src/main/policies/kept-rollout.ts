// A roll-out as the workbench keeps it: with the policies that services go back to, which screens have no use for.
import { z } from 'zod'
import { maxRolloutHosts, policySchema, type Rollout, rollout } from '../../shared/contract/index.ts'

const keptHost = rollout.shape.hosts.element.extend({
  /**
   * What the host's service ran before: it runs this again when the roll-out stops. Absent: no policy, or, while
   * `goesBack` is absent too, nobody has looked yet.
   */
  before: policySchema.optional(),
})
export type KeptHost = z.infer<typeof keptHost>

export const keptRollout = rollout.extend({ hosts: z.array(keptHost).max(maxRolloutHosts) })
export type KeptRollout = z.infer<typeof keptRollout>

/** For screens, several times a second: a thousand policies would be megabytes. */
export function shownRollout(kept: KeptRollout): Rollout {
  return { ...kept, hosts: kept.hosts.map(({ before: _, ...host }) => host) }
}

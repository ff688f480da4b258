// A line of a host's audit; apart from the other documents, so that a command that changes something loads no more of them.
import { z } from 'zod'
import { instant, name } from './quantity.ts'

/** One change on a host, append-only at /var/lib/singleton-helper/audit.jsonl. */
export const auditEntry = z.object({
  at: instant,
  who: name,
  from: name,
  action: name,
  target: z.string().max(4096).optional(),
  before: z.string().max(4096).optional(),
  after: z.string().max(4096).optional(),
  outcome: z.string().max(4096),
})
export type AuditEntry = z.infer<typeof auditEntry>

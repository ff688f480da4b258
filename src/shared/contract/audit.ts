// The workbench's own audit: every change it asked of a host, kept even when the host is gone.
import { z } from 'zod'
import { auditEntry } from './audit-entry.ts'
import { hostId } from './hosts.ts'
import { name } from './quantity.ts'

/** `who` is the login on the workbench's machine, `from` that machine and the way: screen or command line. */
export const trailEntry = auditEntry.extend({ hostId, host: name })
export type TrailEntry = z.infer<typeof trailEntry>

export const trailQuery = z.object({
  /** Absent: of all hosts. */
  hostId: hostId.optional(),
  /** Every word occurs in some field. */
  text: z.string().max(512).optional(),
})
export type TrailQuery = z.infer<typeof trailQuery>

export const trailFormat = z.enum(['csv', 'json'])
export type TrailFormat = z.infer<typeof trailFormat>

// Whether there is a newer version of the workbench. Nobody is asked unless a person names an address, and nothing is fetched
// but that one answer.
import { z } from 'zod'
import { problemSchema } from '../problem.ts'
import { instant, name } from './quantity.ts'

/** `https:`, or `http:` on this machine, where a mirror may be forwarded to. */
export const updateFeed = z
  .string()
  .max(2048)
  .regex(
    /^(?:https:\/\/[^\s/?#]+|http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?)(?:[/?][^\s]*)?$/,
    'an https: address',
  )

export const updateStatus = z.object({
  /** Of this program. */
  current: name,
  /** Absent: nobody is asked. */
  feed: updateFeed.optional(),
  /** The answer, where its version is newer than this one. */
  newer: z.object({ version: name, page: z.string().max(2048).optional() }).optional(),
  /** When the last answer came. */
  askedAt: instant.optional(),
  problem: problemSchema.optional(),
})
export type UpdateStatus = z.infer<typeof updateStatus>

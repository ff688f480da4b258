// What the helper and its child that connects to sockets of guests say to each other, one JSON value a line.
import { z } from 'zod'
import { objectOf } from '../../../src/shared/contract/object-of.ts'

/** Of a user or a group. */
const id = z.lazy(() => z.number().int().nonnegative().max(0xffffffff))

export const connectRequest = objectOf(() => ({
  /** Folder of /proc that the path counts from: `/proc/12/root`. */
  folder: z.string().max(4096),
  path: z.string().min(1).max(4096),
  /** The guest's. Absent: those of the child itself. */
  credentials: z
    .object({ uid: id, gid: id, groups: z.array(id).max(65_536), readsAll: z.boolean() })
    .optional(),
}))
export type ConnectRequest = z.infer<typeof connectRequest>

export const connectAnswer = z.lazy(() =>
  z.union([
    /** The child keeps the socket open until the next line reaches it. */
    z.object({ socket: z.number().int().nonnegative(), peerPid: z.number().int() }),
    z.object({
      failed: z.enum(['open', 'connect', 'not-a-socket', 'credentials']),
      code: z.string().max(64),
    }),
  ]),
)
export type ConnectAnswer = z.infer<typeof connectAnswer>

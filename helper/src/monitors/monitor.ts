// A guest's monitor: QEMU's own control channel, reached by whichever way is open.
import { z } from 'zod'
import { Problem, type ProblemCode } from '../../../src/shared/problem.ts'
import { oneLine } from '../../../src/shared/text/printable.ts'

export interface Monitor {
  /** For people: how it is reached. */
  readonly via: string
  /** Runs one QMP command and gives what it returned, unparsed. Throws a Problem that names command and cause. */
  execute(command: string, args?: Readonly<Record<string, unknown>>, timeoutMs?: number): Promise<unknown>
  close(): void
}

export const qmpReply = z.lazy(() =>
  z.union([
    z.object({ return: z.unknown() }).refine((reply) => 'return' in reply),
    z.object({ error: z.object({ class: z.string().max(256), desc: z.string().max(65_536) }) }),
  ]),
)

/** What a reply returned; an error in it is thrown. */
export function unwrapReply(command: string, via: string, reply: z.infer<typeof qmpReply>): unknown {
  if ('return' in reply) return reply.return
  const { class: errorClass, desc } = reply.error
  throw new Problem(
    codeOfError(errorClass, desc),
    `cannot run ${command} in the monitor (${via}): ${oneLine(desc, 1000)}`,
  )
}

/** Parses what a monitor returned: the guest's process may have been taken over, so it is not trusted. */
export function parseReturn<T>(schema: z.ZodType<T>, value: unknown, command: string, via: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const why = z.prettifyError(parsed.error).slice(0, 500)
  throw new Problem('protocol', `cannot use the answer to ${command} of the monitor (${via}): ${why}`)
}

function codeOfError(errorClass: string, desc: string): ProblemCode {
  if (errorClass === 'CommandNotFound') return 'not-supported'
  if (errorClass === 'DeviceNotFound') return 'not-found'
  return /permission denied|operation not permitted/i.test(desc) ? 'not-permitted' : 'system'
}

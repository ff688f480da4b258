// The one error that crosses processes. Screens switch on the code, never on the text.

import { z } from 'zod'
import { withValue } from './with-value.ts'

export const problemCodes = [
  'bad-input', // a value from outside did not parse
  'not-found', // host, guest, image, file or method is not there
  'gone', // it was there and has ended (a guest exited)
  'not-permitted', // a privilege is missing; the message names it
  'read-only', // a change was asked of a session or host in observe mode
  'not-supported', // this kernel, QEMU or build cannot do it
  'not-applicable', // asked of something it has no meaning for (cache=none)
  'busy', // another process holds the lock or governs the same knobs
  'other-policy', // the host's service was given another policy, which gives way on request only
  'out-of-memory', // refused: the memory it needs is not there
  'out-of-space', // disk full or quota reached
  'unreachable', // network: refused, reset, no route, name unknown
  'timed-out',
  'cancelled',
  'host-key-unknown',
  'host-key-changed',
  'host-key-revoked',
  'authentication-failed',
  'protocol', // the peer broke the protocol: noise, oversize or malformed frames, wrong version
  'disconnected',
  'system', // a system call failed; the message carries errno's name
  'internal', // our own mistake
] as const

export type ProblemCode = (typeof problemCodes)[number]

export const problemSchema = z.object({
  code: z.enum(problemCodes),
  message: z.string().max(4096),
  /** What the reader can do about it; a sentence. */
  remedy: z.string().max(4096).optional(),
})
export type ProblemData = z.infer<typeof problemSchema>

/** Message form: `cannot <verb> <object>: <reason>`. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly remedy: string | undefined

  constructor(code: ProblemCode, message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.remedy = options.remedy
  }

  toData(): ProblemData {
    const message = this.message.slice(0, 4096)
    return this.remedy === undefined
      ? { code: this.code, message }
      : { code: this.code, message, remedy: this.remedy.slice(0, 4096) }
  }
}

/** The other direction of `toData`; the cause has stayed in the other process. Pure. */
export function problemFromData(data: ProblemData): Problem {
  return new Problem(data.code, data.message, withValue({ remedy: data.remedy }))
}

/** Any thrown value as a Problem; a Problem stays the same object. */
export function asProblem(error: unknown, context = 'cannot finish the request'): Problem {
  if (error instanceof Problem) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new Problem('internal', `${context}: ${reason}`, { cause: error })
}

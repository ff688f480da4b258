// One session with a workbench: preamble, then the contract over two streams until the peer ends it.
import type { Readable, Writable } from 'node:stream'
import { createMessageConnection } from 'vscode-jsonrpc/node'
import {
  type HostContract,
  type HostNotifications,
  hostContract,
  hostProtocol,
} from '../../../src/shared/contract/host-contract.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { type CallContext, type Handlers, notifier, serveContract } from '../../../src/shared/rpc.ts'
import { openTransport } from './transport.ts'

// Long enough for a scan to notice its signal, short enough for SIGTERM within 2 s.
const windUpMs = 1200
// For the last answers, should the peer still read.
const flushMs = 300
/** Exit code when the peer broke the protocol. */
const brokenProtocolCode = 3

export type NotifyWorkbench = ReturnType<typeof notifier<HostNotifications>>

export interface SessionOptions {
  readonly input: Readable
  readonly output: Writable
  readonly buildDigest: string
  readonly handlers: Handlers<HostContract>
  /** Refuse every method that changes the host. */
  readonly readOnly: boolean
  readonly log: (line: string) => void
  /** Called once, with the way to tell the workbench what it did not ask for. */
  readonly onOpen?: (notify: NotifyWorkbench) => void
  /** Ends the session (SIGTERM). */
  readonly signal: AbortSignal
}

/** Serves until the peer closes its end, breaks the protocol or `signal` aborts; returns the exit code. */
export async function serveSession(options: SessionOptions): Promise<number> {
  const ending = new AbortController()
  const underWay = new Set<Promise<unknown>>()
  const code = await new Promise<number>((resolve) => {
    const { reader, writer } = openTransport({
      ...options,
      onBroken: (problem) => {
        options.log(problem.message)
        resolve(brokenProtocolCode)
      },
    })
    const connection = createMessageConnection(reader, writer, loggerFor(options.log))
    connection.onClose(() => resolve(0))
    connection.onError(([error]) => {
      options.log(`cannot write to the peer: ${error.message}`)
      resolve(0)
    })
    options.signal.addEventListener('abort', () => resolve(0), { once: true })
    if (options.signal.aborted) resolve(0)
    serveContract(connection, hostContract, guard(options, ending.signal, underWay))
    options.output.write(`singleton-helper ${hostProtocol} ${options.buildDigest}\n`)
    connection.listen()
    options.onOpen?.(notifier<HostNotifications>(connection))
  })
  ending.abort(new Problem('cancelled', 'cancelled: the session has ended'))
  await within(Promise.allSettled(underWay), windUpMs)
  await within(new Promise((resolve) => options.output.write('', resolve)), flushMs)
  return code
}

/** The one place where read-only sessions refuse, and where the end of the session cancels what is under way. */
function guard(
  options: SessionOptions,
  ending: AbortSignal,
  underWay: Set<Promise<unknown>>,
): Handlers<HostContract> {
  const guarded = Object.entries(options.handlers).map(([name, handler]) => {
    const run = handler as (params: unknown, context: CallContext) => Promise<unknown>
    const isChange = hostContract[name as keyof HostContract].effect === 'change'
    const answer = async (params: unknown, context: CallContext) => {
      if (isChange && options.readOnly) throw refused(name)
      const signal = AbortSignal.any([context.signal as AbortSignal, ending])
      const work = run(params, { ...context, signal })
      underWay.add(work)
      return work.finally(() => underWay.delete(work))
    }
    return [name, answer]
  })
  return Object.fromEntries(guarded) as Handlers<HostContract>
}

function refused(method: string): Problem {
  return new Problem('read-only', `cannot run ${method}: this session is read-only`, {
    remedy: 'Allow changes for this host.',
  })
}

async function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  await Promise.race([work, patience])
  clearTimeout(timer)
}

function loggerFor(log: (line: string) => void) {
  return { error: log, warn: log, info: log, log }
}

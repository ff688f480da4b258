// Binds a contract to a vscode-jsonrpc connection: parses params where they arrive and results where they return,
// carries Problems as JSON-RPC errors, progress as `$/progress` and AbortSignals as `$/cancelRequest`.
import {
  type CancellationToken,
  ConnectionError,
  ErrorCodes,
  type MessageConnection,
  ProgressType,
  ResponseError,
} from 'vscode-jsonrpc'
import { z } from 'zod'
import type { Contract, Notifications, Params, ParamsInput, Result } from './contract/method.ts'
import { type Progress, progress as progressSchema } from './contract/quantity.ts'
import { asProblem, Problem, problemFromData, problemSchema } from './problem.ts'
import { rejectOnAbort } from './time/waiting.ts'

/** Server error of the JSON-RPC range: its `data` is a Problem. */
export const problemErrorCode = -32010
const progressType = new ProgressType<unknown>()

export interface CallContext {
  readonly signal: AbortSignal
  readonly reportProgress: (progress: Progress) => void
}

export type Handlers<C extends Contract> = {
  readonly [M in keyof C]: (params: Params<C, M>, context: CallContext) => Promise<Result<C, M>>
}

export interface CallOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
  /** Rejects with `timed-out` and cancels the request. Restarts with every progress report. */
  readonly timeoutMs?: number
}

export type Call<C extends Contract> = <M extends keyof C & string>(
  method: M,
  params: ParamsInput<C, M>,
  options?: CallOptions,
) => Promise<Result<C, M>>

/** Answers every method of `contract` with `handlers`. Unknown methods are answered by vscode-jsonrpc. */
export function serveContract<C extends Contract>(
  connection: MessageConnection,
  contract: C,
  handlers: Handlers<C>,
): void {
  for (const name of Object.keys(contract) as (keyof C & string)[]) {
    connection.onRequest(name, async (raw: unknown, token: CancellationToken) => {
      try {
        const params = parseParams(contract, name, raw)
        return await handlers[name](params, contextOf(connection, raw, token))
      } catch (error) {
        throw toResponseError(error)
      }
    })
  }
}

/**
 * A typed caller for `contract`. Results are parsed, unless `isParsed` says that a worker has parsed this very object;
 * a result that does not parse is a `protocol` Problem.
 */
export function callContract<C extends Contract>(
  connection: MessageConnection,
  contract: C,
  isParsed: (result: object) => boolean = () => false,
): Call<C> {
  let nextToken = 0
  return async (name, params, options = {}) => {
    const cancel = linkedAbort(options.signal)
    const timeout = new Deadline(options.timeoutMs, () => cancel.abort(timedOut(name, options.timeoutMs)))
    nextToken += 1
    const token = `${name}#${nextToken}`
    const listening = connection.onProgress(progressType, token, (value) => {
      timeout.restart()
      const parsed = progressSchema.safeParse(value)
      if (parsed.success) options.onProgress?.(parsed.data)
    })
    try {
      const request = connection.sendRequest<unknown>(
        name,
        { ...(params as object), progressToken: token },
        tokenOf(cancel.signal),
      )
      const raw = await Promise.race([request, rejectOnAbort(cancel.signal)])
      if (typeof raw === 'object' && raw !== null && isParsed(raw)) return raw as Result<C, typeof name>
      return parseResult(contract, name, raw)
    } catch (error) {
      throw fromResponseError(error, name, cancel.signal)
    } finally {
      listening.dispose()
      timeout.stop()
      cancel.release()
    }
  }
}

/** A typed sender of notifications; never throws when the connection has ended. */
export function notifier<N extends Notifications>(connection: MessageConnection) {
  return <K extends keyof N & string>(name: K, value: z.infer<N[K]>): void => {
    connection.sendNotification(name, value as object).catch(() => connection.end())
  }
}

/** Parses incoming notifications; those that do not parse go to `onMalformed`. */
export function listenTo<N extends Notifications>(
  connection: MessageConnection,
  notifications: N,
  onNotification: <K extends keyof N & string>(name: K, value: z.infer<N[K]>) => void,
  onMalformed: (name: string, reason: string) => void,
): void {
  for (const [name, schema] of Object.entries(notifications)) {
    connection.onNotification(name, (raw: unknown) => {
      const parsed = schema.safeParse(raw)
      if (parsed.success)
        onNotification(name as keyof N & string, parsed.data as z.infer<N[keyof N & string]>)
      else onMalformed(name, describeIssues(parsed.error))
    })
  }
}

function parseParams<C extends Contract, M extends keyof C & string>(contract: C, name: M, raw: unknown) {
  const parsed = contract[name]?.params.safeParse(raw)
  if (parsed?.success) return parsed.data as Params<C, M>
  const why = parsed ? describeIssues(parsed.error) : 'unknown method'
  throw new Problem('bad-input', `cannot run ${name}: ${why}`)
}

/** What a peer answered, as its schema has it. Throws `protocol` for anything else. Pure. */
export function parseResult<C extends Contract, M extends keyof C & string>(
  contract: C,
  name: M,
  raw: unknown,
) {
  const parsed = contract[name]?.result.safeParse(raw)
  if (parsed?.success) return parsed.data as Result<C, M>
  const why = parsed ? describeIssues(parsed.error) : 'unknown method'
  throw new Problem('protocol', `cannot use the answer to ${name}: ${why}`)
}

/** The first few: a hostile value can have a hundred thousand. */
function describeIssues({ issues }: z.core.$ZodError): string {
  return z.prettifyError({ issues: issues.slice(0, 5) } as z.ZodError).slice(0, 1000)
}

const reporting = z.object({ progressToken: z.string().max(256) })

function contextOf(connection: MessageConnection, raw: unknown, token: CancellationToken): CallContext {
  const controller = new AbortController()
  const cancelled = () => controller.abort(new Problem('cancelled', 'cancelled by the caller'))
  if (token.isCancellationRequested) cancelled()
  token.onCancellationRequested(cancelled)
  const progressToken = reporting.safeParse(raw).data?.progressToken
  const reportProgress = (value: Progress) => {
    if (progressToken === undefined) return
    connection.sendProgress(progressType, progressToken, value).catch(() => controller.abort())
  }
  return { signal: controller.signal, reportProgress }
}

function toResponseError(error: unknown): ResponseError<unknown> {
  const problem = asProblem(error)
  return new ResponseError(problemErrorCode, problem.message, problem.toData())
}

function fromResponseError(error: unknown, name: string, signal: AbortSignal): Problem {
  if (signal.aborted && signal.reason instanceof Problem) return signal.reason
  if (error instanceof Problem) return error
  const ended = error instanceof ResponseError && error.code === ErrorCodes.PendingResponseRejected
  if (error instanceof ResponseError && !ended) {
    const data = problemSchema.safeParse(error.data)
    if (data.success) return problemFromData(data.data)
    return new Problem('protocol', `cannot run ${name}: ${error.message}`, { cause: error })
  }
  const reason = error instanceof Error ? error.message : String(error)
  return new Problem('disconnected', `cannot run ${name}: ${reason}`, { cause: error })
}

function timedOut(name: string, timeoutMs: number | undefined): Problem {
  return new Problem('timed-out', `cannot finish ${name}: no answer within ${(timeoutMs ?? 0) / 1000} s`)
}

function linkedAbort(outer: AbortSignal | undefined) {
  const controller = new AbortController()
  const forward = () => {
    const reason = outer?.reason
    controller.abort(reason instanceof Problem ? reason : new Problem('cancelled', 'cancelled'))
  }
  if (outer?.aborted) forward()
  outer?.addEventListener('abort', forward)
  return {
    signal: controller.signal,
    abort: (problem: Problem) => controller.abort(problem),
    release: () => outer?.removeEventListener('abort', forward),
  }
}

function tokenOf(signal: AbortSignal): CancellationToken {
  return {
    get isCancellationRequested() {
      return signal.aborted
    },
    onCancellationRequested: (listener) => {
      const listen = () => {
        try {
          listener(undefined)
        } catch (error) {
          // The cancel message cannot be sent once the connection has closed; the request has been rejected by then.
          if (!(error instanceof ConnectionError)) throw error
        }
      }
      signal.addEventListener('abort', listen, { once: true })
      return { dispose: () => signal.removeEventListener('abort', listen) }
    },
  }
}

class Deadline {
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #milliseconds: number | undefined
  readonly #expire: () => void

  constructor(milliseconds: number | undefined, expire: () => void) {
    this.#milliseconds = milliseconds
    this.#expire = expire
    this.restart()
  }

  restart(): void {
    this.stop()
    if (this.#milliseconds !== undefined) this.#timer = setTimeout(this.#expire, this.#milliseconds)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

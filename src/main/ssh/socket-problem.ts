// Turns what sockets and ssh2 throw into Problems.
import { Problem } from '../../shared/problem.ts'

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up right now',
}

/** `level` is ssh2's: client-timeout is its keepalive. */
export function connectionProblem(label: string, error: Error & { code?: unknown; level?: string }): Problem {
  if (error instanceof Problem) return error
  // With several addresses Node tells of each.
  const [cause] = error instanceof AggregateError ? (error.errors as (Error & { code?: unknown })[]) : [error]
  const code = String(cause?.code ?? '')
  const reason = UNREACHABLE[code]
  if (reason !== undefined)
    return new Problem('unreachable', `cannot connect to ${label}: ${reason}`, { cause: error })
  if (code === 'ETIMEDOUT') {
    return new Problem('timed-out', `cannot connect to ${label}: no answer`, { cause: error })
  }
  if (error.level === 'client-timeout') {
    return new Problem('disconnected', `lost the connection to ${label}: it no longer answers keepalives`, {
      cause: error,
    })
  }
  return new Problem('disconnected', `lost the connection to ${label}: ${cause?.message ?? error.message}`, {
    cause: error,
  })
}

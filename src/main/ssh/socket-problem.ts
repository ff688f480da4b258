// Turns what sockets and ssh2 throw into Problems.

import { Problem } from '../../shared/problem.ts'
import { oneLine } from '../../shared/text/printable.ts'

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up right now',
}

/** ssh2's words for a key exchange that the offered host key has not signed. */
const signatureFaults = /signature/i

/** Somebody offers a key and does not hold it: a copied public key looks like that. */
export function hostKeyProofProblem(label: string, cause?: Error): Problem {
  return new Problem(
    'protocol',
    `cannot trust ${label}: it did not prove that it holds the host key that it offers`,
    {
      cause,
      remedy:
        'Nothing was sent to it, and its key was not saved. Someone may be intercepting the connection: ask whoever runs the host or the network.',
    },
  )
}

/** `level` is ssh2's: client-timeout is its keepalive. */
export function connectionProblem(label: string, error: Error & { code?: unknown; level?: string }): Problem {
  if (error instanceof Problem) return error
  // With several addresses Node tells of each.
  const [cause] = error instanceof AggregateError ? (error.errors as (Error & { code?: unknown })[]) : [error]
  const code = String(cause?.code ?? '')
  const reason = unreachable[code]
  if (reason !== undefined)
    return new Problem('unreachable', `cannot connect to ${label}: ${reason}`, { cause: error })
  if (code === 'ETIMEDOUT') {
    return new Problem('timed-out', `cannot connect to ${label}: no answer`, { cause: error })
  }
  if (error.level === 'handshake' && signatureFaults.test(error.message))
    return hostKeyProofProblem(label, error)
  if (error.level === 'client-timeout') {
    return new Problem('disconnected', `lost the connection to ${label}: it no longer answers keepalives`, {
      cause: error,
    })
  }
  return new Problem(
    'disconnected',
    `lost the connection to ${label}: ${oneLine(cause?.message ?? error.message, 1024)}`,
    {
      cause: error,
    },
  )
}

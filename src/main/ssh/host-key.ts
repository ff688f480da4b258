// Decides whether to trust the key that a host offers, before anything is said to it.
import { Problem } from '../../shared/problem.ts'
import { quoteWord } from '../../shared/text/shell-word.ts'
import type { HostKeyAlgorithm } from './algorithms.ts'
import type { Ask, OnLog } from './ask.ts'
import type { Destination } from './destination.ts'
import { fingerprint, judgeHostKey, listKeyTypes, readKeyType, rsaKeyBits } from './known-hosts.ts'
import { type FiledHost, readFiledHosts } from './known-hosts-files.ts'
import { isRevoked } from './revoked-keys.ts'

/** Algorithms to offer: those of the filed keys first, or a second key of the host would look changed. */
export async function orderHostKeyAlgorithms(destination: Destination): Promise<HostKeyAlgorithm[]> {
  const types = listKeyTypes(await readFiledHosts(destination), destination.hostKeyNames)
  const isFiled = (algorithm: HostKeyAlgorithm) =>
    types.includes(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm)
  const { hostKey } = destination.algorithms
  return [...hostKey.filter(isFiled), ...hostKey.filter((algorithm) => !isFiled(algorithm))]
}

export interface HostKeyContext {
  readonly ask: Ask
  readonly onLog: OnLog
  readonly signal: AbortSignal
}

/** `new`: nothing is filed for the host yet, and the key was accepted now. */
export type Trust = 'filed' | 'new'

/**
 * Resolves when the key may be trusted, once the host has proven to hold it: that comes later, and only then may a new
 * key be filed. Rejects with host-key-unknown, -changed or -revoked.
 */
export async function verifyHostKey(
  destination: Destination,
  key: Buffer,
  context: HostKeyContext,
): Promise<Trust> {
  await checkKeyItself(destination, key)
  const filed = await readFiledHosts(destination, context.onLog)
  const verdict = judgeHostKey(filed, destination.hostKeyNames, key)
  if (verdict.kind === 'known') return 'filed'
  if (verdict.kind === 'revoked') {
    const { path, line } = verdict.by as FiledHost
    throw revokedProblem(destination, key, `${path} line ${line}`)
  }
  if (verdict.kind === 'changed')
    throw changedProblem(destination, key, verdict.stored as readonly FiledHost[])
  if (verdict.authorities.length > 0) {
    context.onLog(
      'warning',
      `known_hosts has a certificate authority for ${destination.hostKeyNames[0]}: host certificates are not supported, so its key is treated as unknown`,
    )
  }
  await decideUnknown(destination, key, context)
  return 'new'
}

/** What no known_hosts file can outweigh: `RevokedHostKeys` and `RequiredRSASize`. */
async function checkKeyItself(destination: Destination, key: Buffer): Promise<void> {
  const { revokedHostKeys, requiredRsaBits } = destination
  if (revokedHostKeys !== undefined && (await isRevoked(revokedHostKeys, key)))
    throw revokedProblem(destination, key, revokedHostKeys)
  const bits = rsaKeyBits(key)
  if (bits !== undefined && bits < requiredRsaBits)
    throw unknownProblem(destination, key, `it has ${bits} bits, and ${requiredRsaBits} are required`)
}

async function decideUnknown(destination: Destination, key: Buffer, context: HostKeyContext): Promise<void> {
  if (destination.hostKeyPolicy === 'refuse') {
    throw unknownProblem(destination, key, 'StrictHostKeyChecking is yes, and known_hosts does not have it')
  }
  if (destination.hostKeyPolicy === 'accept-new') return
  const question = {
    kind: 'host-key',
    address: destination.hostKeyNames[0],
    keyType: readKeyType(key) ?? 'unknown',
    fingerprint: fingerprint(key),
  } as const
  const answer = await context.ask(question, context.signal)
  if (answer.kind !== 'accept') throw unknownProblem(destination, key, 'it was not accepted')
}

function changedProblem(destination: Destination, key: Buffer, stored: readonly FiledHost[]): Problem {
  const name = destination.hostKeyNames[0]
  const filed = stored
    .slice(0, 6)
    .map((host) => `${host.keyType} ${fingerprint(host.key)} (${host.path} line ${host.line})`)
  return new Problem(
    'host-key-changed',
    `cannot trust the host key of ${name}: it has changed; stored: ${filed.join(', ')}; offered: ${readKeyType(key)} ${fingerprint(key)}`,
    {
      remedy: `Someone may be intercepting the connection, or the host was reinstalled. Compare the offered fingerprint on the host itself (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub); only once it is verified, remove the stored key with: ssh-keygen -R ${quoteWord(name)}${stored[0] === undefined ? '' : ` -f ${quoteWord(stored[0].path)}`}`,
    },
  )
}

function revokedProblem(destination: Destination, key: Buffer, by: string): Problem {
  return new Problem(
    'host-key-revoked',
    `cannot trust the host key of ${destination.hostKeyNames[0]}: ${readKeyType(key)} ${fingerprint(key)} is revoked by ${by}`,
    { remedy: 'The host must get a new key; ask whoever revoked this one.' },
  )
}

function unknownProblem(destination: Destination, key: Buffer, reason: string): Problem {
  const name = destination.hostKeyNames[0]
  return new Problem(
    'host-key-unknown',
    `cannot trust the host key of ${name}: ${readKeyType(key)} ${fingerprint(key)}: ${reason}`,
    {
      remedy:
        'Compare the fingerprint on the host itself (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then connect again and accept it.',
    },
  )
}

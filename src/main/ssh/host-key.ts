// Decides whether to trust the key that a host offers, before anything is said to it.
import { chmod, mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Problem } from '../../shared/problem.ts'
import type { Ask, OnLog } from './ask.ts'
import type { Destination } from './destination.ts'
import {
  fingerprint,
  judgeHostKey,
  type KnownHost,
  listKeyTypes,
  parseKnownHosts,
  readKeyType,
} from './known-hosts.ts'

/** Those of ssh2 in its own order; `ssh-rsa` with SHA-1 is left out, as OpenSSH does. */
const HOST_KEY_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const
export type HostKeyAlgorithm = (typeof HOST_KEY_ALGORITHMS)[number]

interface FiledHost extends KnownHost {
  readonly path: string
}

/** Algorithms to offer: those of the filed keys first, or a second key of the host would look changed. */
export async function orderHostKeyAlgorithms(destination: Destination): Promise<HostKeyAlgorithm[]> {
  const types = listKeyTypes(await readFiledHosts(destination, () => undefined), destination.hostKeyNames)
  const isFiled = (algorithm: HostKeyAlgorithm) =>
    types.includes(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm)
  return [
    ...HOST_KEY_ALGORITHMS.filter(isFiled),
    ...HOST_KEY_ALGORITHMS.filter((algorithm) => !isFiled(algorithm)),
  ]
}

export interface HostKeyContext {
  readonly ask: Ask
  readonly onLog: OnLog
  readonly signal: AbortSignal
}

/** Resolves with the reason when the key may be trusted; rejects with host-key-unknown, -changed or -revoked. */
export async function verifyHostKey(
  destination: Destination,
  key: Buffer,
  context: HostKeyContext,
): Promise<string> {
  const filed = await readFiledHosts(destination, context.onLog)
  const verdict = judgeHostKey(filed, destination.hostKeyNames, key)
  if (verdict.kind === 'known') return 'known_hosts has this key'
  if (verdict.kind === 'revoked') throw revokedProblem(destination, key, verdict.by as FiledHost)
  if (verdict.kind === 'changed')
    throw changedProblem(destination, key, verdict.stored as readonly FiledHost[])
  if (verdict.authorities.length > 0) {
    context.onLog(
      'warning',
      `known_hosts files a certificate authority for ${destination.hostKeyNames[0]}: host certificates are not supported, so its key is treated as unknown`,
    )
  }
  await decideUnknown(destination, key, context)
  return 'it was accepted now and added to known_hosts'
}

async function decideUnknown(destination: Destination, key: Buffer, context: HostKeyContext): Promise<void> {
  if (destination.hostKeyPolicy === 'refuse') {
    throw unknownProblem(destination, key, 'StrictHostKeyChecking is yes and known_hosts does not name it')
  }
  if (destination.hostKeyPolicy === 'ask') {
    const question = {
      kind: 'host-key',
      address: destination.hostKeyNames[0],
      keyType: readKeyType(key) ?? 'unknown',
      fingerprint: fingerprint(key),
    } as const
    const answer = await context.ask(question, context.signal)
    if (answer.kind !== 'accept') throw unknownProblem(destination, key, 'it was not accepted')
  }
  await fileHostKey(destination, key)
  context.onLog('info', `filed the host key ${fingerprint(key)} of ${destination.hostKeyNames[0]}`)
}

/** Adds one line in one write, so that two programs appending at once never mix their lines. */
async function fileHostKey(destination: Destination, key: Buffer): Promise<void> {
  const path = destination.userKnownHosts[0]
  if (path === undefined) return
  // Another connection may have filed it while the question was open.
  const filed = await readFiledHosts(destination, () => undefined)
  if (judgeHostKey(filed, destination.hostKeyNames, key).kind === 'known') return
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await appendLine(path, `${destination.hostKeyNames[0]} ${readKeyType(key)} ${key.toString('base64')}\n`)
  } catch (error) {
    throw new Problem('system', `cannot add the host key to ${path}: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

async function appendLine(path: string, line: string): Promise<void> {
  const file = await open(path, 'a+', 0o600)
  try {
    const { size } = await file.stat()
    const last = Buffer.alloc(1)
    if (size > 0) await file.read(last, 0, 1, size - 1)
    const isOpenEnded = size > 0 && last.toString() !== '\n'
    await file.appendFile(isOpenEnded ? `\n${line}` : line)
    if (size === 0 && (await file.stat()).isFile()) await chmod(path, 0o600)
  } finally {
    await file.close()
  }
}

async function readFiledHosts(destination: Destination, onLog: OnLog): Promise<FiledHost[]> {
  const found: FiledHost[] = []
  for (const path of [...destination.userKnownHosts, ...destination.globalKnownHosts]) {
    const { hosts, malformed } = parseKnownHosts(await readIfThere(path))
    if (malformed.length > 0)
      onLog('warning', `${path}: lines not understood: ${malformed.slice(0, 20).join(', ')}`)
    found.push(...hosts.map((host) => ({ ...host, path })))
  }
  return found
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    // Not being able to read what is filed must not make a changed key look new.
    throw new Problem('not-permitted', `cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
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
      remedy: `Someone may be listening in, or the host was installed anew. Compare the offered fingerprint on the host itself (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub); only once it is verified, remove the stored key with: ssh-keygen -R '${name}'${stored[0] === undefined ? '' : ` -f '${stored[0].path}'`}`,
    },
  )
}

function revokedProblem(destination: Destination, key: Buffer, by: FiledHost): Problem {
  return new Problem(
    'host-key-revoked',
    `cannot trust the host key of ${destination.hostKeyNames[0]}: ${readKeyType(key)} ${fingerprint(key)} is revoked by ${by.path} line ${by.line}`,
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

// Private keys in files: what their public half is, without asking for a passphrase before it is needed.
import { readFile } from 'node:fs/promises'
import ssh2, { type ParsedKey } from 'ssh2'
import { readKeyType } from './known-hosts.ts'
import { signInThread } from './sign-in-thread.ts'

export interface KeyFile {
  readonly path: string
  /** Absent: encrypted in a format that hides it, and no `.pub` beside it. */
  readonly publicKey?: ParsedKey
  readonly isEncrypted: boolean
  /** Absent: a public key only; its private half is in the agent. */
  readonly text?: string
}

/** `reason` is for people. */
export interface UnusableKey {
  readonly name: string
  readonly reason: string
}

export type ReadKey =
  | { readonly kind: 'key'; readonly key: KeyFile }
  | { readonly kind: 'unusable'; readonly unusable: UnusableKey }
  | { readonly kind: 'missing' }

/** Never rejects: what keeps a key from being used is told as its kind. */
export async function readKeyFile(path: string): Promise<ReadKey> {
  try {
    const text = await readFile(path, 'utf8')
    return describeKey(path, text, await readPublicHalf(path))
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return { kind: 'missing' }
    return unusable(path, (error as Error).message)
  }
}

async function readPublicHalf(path: string): Promise<string | undefined> {
  try {
    return await readFile(`${path}.pub`, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Pure: judges the text of a key file, with the `.pub` beside it if there is one. */
function describeKey(path: string, text: string, publicText?: string): ReadKey {
  const parsed = parseKeyText(text)
  if (!(parsed instanceof Error)) {
    const isPrivate = parsed.isPrivateKey()
    return {
      kind: 'key',
      key: { path, publicKey: parsed, isEncrypted: false, ...(isPrivate && { text }) },
    }
  }
  const type = readContainerType(text) ?? publicText?.trim().split(' ')[0] ?? text.trim().split(' ')[0] ?? ''
  if (/^(sk-|.*-cert-v01@)/.test(type)) return unusable(path, explainType(type))
  if (!/encrypted/i.test(parsed.message)) return unusable(path, parsed.message)
  const publicKey =
    readContainerKey(text) ?? (publicText === undefined ? undefined : parseKeyText(publicText))
  const isKnown = publicKey !== undefined && !(publicKey instanceof Error)
  return { kind: 'key', key: { path, isEncrypted: true, text, ...(isKnown && { publicKey }) } }
}

function unusable(name: string, reason: string): ReadKey {
  return { kind: 'unusable', unusable: { name, reason } }
}

/** Why a type cannot be used by ssh2. */
export function explainType(type: string): string {
  if (type.startsWith('sk-')) return `security keys (${type}) are not supported`
  if (type.includes('-cert-v01@')) return `certificates (${type}) are not supported`
  return `keys of type ${type} are not supported`
}

/** An Error says why it is no key, or that its passphrase is wrong. */
export function parseKeyText(text: string | Buffer, passphrase?: string): ParsedKey | Error {
  const parsed = ssh2.utils.parseKey(text, passphrase) as ParsedKey | ParsedKey[] | Error
  return Array.isArray(parsed) ? (parsed[0] ?? new Error('no key in it')) : parsed
}

/** The public key that OpenSSH's own container holds in the clear, in wire format. */
function readContainer(text: string): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text)?.[1]
  if (body === undefined) return undefined
  const data = Buffer.from(body, 'base64')
  let at = 'openssh-key-v1\0'.length
  const readString = (): Buffer | undefined => {
    if (data.length < at + 4) return undefined
    const end = at + 4 + data.readUInt32BE(at)
    const value = end <= data.length ? data.subarray(at + 4, end) : undefined
    at = end
    return value
  }
  // Cipher, key derivation and its options; then the number of keys.
  for (const _ of ['cipher', 'kdf', 'options']) if (readString() === undefined) return undefined
  at += 4
  return readString()
}

function readContainerType(text: string): string | undefined {
  const key = readContainer(text)
  return key === undefined ? undefined : readKeyType(key)
}

function readContainerKey(text: string): ParsedKey | undefined {
  const key = readContainer(text)
  const parsed = key === undefined ? undefined : parseKeyText(key)
  return parsed instanceof Error ? undefined : parsed
}

/**
 * Signs with the private half. Decrypting one takes some 100 ms of pure computing, so that is done in a
 * worker. Resolves with undefined for a wrong passphrase.
 */
export async function signWithKeyFile(
  key: KeyFile,
  data: Buffer,
  hash: string | undefined,
  passphrase: string | undefined,
): Promise<Buffer | undefined> {
  if (key.text === undefined) throw new Error(`${key.path} holds a public key only`)
  if (passphrase !== undefined) return await signInThread({ keyText: key.text, data, hash, passphrase })
  const parsed = parseKeyText(key.text)
  if (parsed instanceof Error) throw parsed
  const signature = parsed.sign(data, hash) as Buffer | Error
  if (signature instanceof Error) throw signature
  return signature
}

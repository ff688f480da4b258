// known_hosts as sshd(8) describes it: parsing and matching, without touching a file.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { withValue } from '../../shared/with-value.ts'
import { matchesPatternList } from './config/words.ts'

export interface KnownHost {
  /** From 1. */
  readonly line: number
  readonly marker?: 'revoked' | 'cert-authority'
  /** Comma list of patterns, or one `|1|salt|hash`. */
  readonly names: string
  readonly keyType: string
  readonly key: Buffer
}

export interface KnownHosts {
  readonly hosts: readonly KnownHost[]
  /** Line numbers that are no entry of a known kind. */
  readonly malformed: readonly number[]
}

/** Lines in their order; broken ones are passed over, as ssh does. */
export function parseKnownHosts(text: string): KnownHosts {
  return parseKnownHostLines(text.split('\n'), 1)
}

/** `firstLine`: the number of the first of these lines in its file. */
export function parseKnownHostLines(lines: readonly string[], firstLine: number): KnownHosts {
  const hosts: KnownHost[] = []
  const malformed: number[] = []
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const host = parseLine(line, firstLine + index)
    if (host === undefined) malformed.push(firstLine + index)
    else hosts.push(host)
  }
  return { hosts, malformed }
}

function parseLine(text: string, line: number): KnownHost | undefined {
  const words = text.split(/[ \t]+/)
  const marker = words[0]?.startsWith('@') ? words.shift()?.slice(1) : undefined
  if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return undefined
  const [names, keyType, base64] = words
  if (names === undefined || keyType === undefined || base64 === undefined) return undefined
  const key = Buffer.from(base64, 'base64')
  // Buffer.from skips what is no base64, so the key must say its own type.
  if (readKeyType(key) !== keyType) return undefined
  return { line, ...withValue({ marker }), names, keyType, key }
}

/** The type that a key in SSH wire format names itself; undefined when it is none. */
export function readKeyType(key: Buffer): string | undefined {
  if (key.length < 4) return undefined
  const length = key.readUInt32BE(0)
  return length > 0 && length <= 64 && key.length >= 4 + length
    ? key.toString('latin1', 4, 4 + length)
    : undefined
}

/** The length of an RSA key's modulus; undefined for keys of other types. */
export function rsaKeyBits(key: Buffer): number | undefined {
  if (readKeyType(key) !== 'ssh-rsa') return undefined
  const exponentAt = 4 + key.readUInt32BE(0)
  if (key.length < exponentAt + 4) return 0
  const modulusAt = exponentAt + 4 + key.readUInt32BE(exponentAt)
  if (key.length < modulusAt + 4) return 0
  const modulus = key.subarray(modulusAt + 4, modulusAt + 4 + key.readUInt32BE(modulusAt))
  const first = modulus.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : (modulus.length - first) * 8 - Math.clz32(modulus[first] ?? 0) + 24
}

/** `name` is `host` or `[host]:port`. A matching negation wins over everything else on its line. */
export function matchesName(names: string, name: string): boolean {
  if (names.startsWith('|')) return matchesHash(names, name)
  return matchesPatternList(name.toLowerCase(), names.toLowerCase())
}

/** `|1|salt|HMAC-SHA1(salt, name)`, both in base64. */
function matchesHash(names: string, name: string): boolean {
  const [, version, salt, expected] = names.split('|')
  if (version !== '1' || salt === undefined || expected === undefined) return false
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name.toLowerCase()).digest()
  const wanted = Buffer.from(expected, 'base64')
  return wanted.length === actual.length && timingSafeEqual(wanted, actual)
}

export type Verdict =
  | { readonly kind: 'known'; readonly by: KnownHost }
  | { readonly kind: 'revoked'; readonly by: KnownHost }
  | { readonly kind: 'changed'; readonly stored: readonly KnownHost[] }
  /** `authorities`: certificate authorities are filed for it, which are not supported here. */
  | { readonly kind: 'unknown'; readonly authorities: readonly KnownHost[] }

/**
 * Judges an offered key. The first of `names` decides; the others can only vouch for the key or revoke it.
 * A host filed with keys of other types only counts as changed: an attacker can choose what to offer.
 */
export function judgeHostKey(hosts: readonly KnownHost[], names: readonly string[], key: Buffer): Verdict {
  const named = hosts.filter((host) => names.some((name) => matchesName(host.names, name)))
  const equal = named.filter((host) => host.key.equals(key))
  const revoked = equal.find(({ marker }) => marker === 'revoked')
  if (revoked !== undefined) return { kind: 'revoked', by: revoked }
  const known = equal.find(({ marker }) => marker === undefined)
  if (known !== undefined) return { kind: 'known', by: known }
  const exact = named.filter((host) => matchesName(host.names, names[0] ?? ''))
  const stored = exact.filter(({ marker }) => marker === undefined)
  if (stored.length > 0) return { kind: 'changed', stored }
  return { kind: 'unknown', authorities: exact.filter(({ marker }) => marker === 'cert-authority') }
}

/** Key types filed for a host, so that the offer asks for these first. */
export function listKeyTypes(hosts: readonly KnownHost[], names: readonly string[]): string[] {
  for (const name of names) {
    const filed = hosts.filter((host) => host.marker === undefined && matchesName(host.names, name))
    if (filed.length > 0) return [...new Set(filed.map(({ keyType }) => keyType))]
  }
  return []
}

/** `SHA256:…` as OpenSSH prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

// Which algorithms are offered: what ssh2 can do without SHA-1, as far as the SSH configuration allows. Pure.
import type { CipherAlgorithm, KexAlgorithm, MacAlgorithm } from 'ssh2'
import { Problem } from '../../shared/problem.ts'
import { matchesPattern } from './config/words.ts'

/** In ssh2's own order. `ssh-rsa` signs with SHA-1. */
const hostKeyAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const
export type HostKeyAlgorithm = (typeof hostKeyAlgorithms)[number]

const keyExchanges: readonly KexAlgorithm[] = [
  'curve25519-sha256@libssh.org',
  'curve25519-sha256',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group15-sha512',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group17-sha512',
  'diffie-hellman-group18-sha512',
]
const ciphers: readonly CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com' as CipherAlgorithm,
]
const macs: readonly MacAlgorithm[] = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
]

export interface OfferedAlgorithms {
  readonly kex: readonly KexAlgorithm[]
  readonly cipher: readonly CipherAlgorithm[]
  readonly mac: readonly MacAlgorithm[]
  readonly hostKey: readonly HostKeyAlgorithm[]
}

/** `specOf` gives the value of a keyword, if it is set. Throws `not-supported` where nothing is left to offer. */
export function chooseAlgorithms(specOf: (keyword: string) => string | undefined): OfferedAlgorithms {
  return {
    kex: choose('KexAlgorithms', keyExchanges, specOf('kexalgorithms')),
    cipher: choose('Ciphers', ciphers, specOf('ciphers')),
    mac: choose('MACs', macs, specOf('macs')),
    hostKey: choose('HostKeyAlgorithms', hostKeyAlgorithms, specOf('hostkeyalgorithms')),
  }
}

function choose<Name extends string>(
  keyword: string,
  known: readonly Name[],
  spec: string | undefined,
): readonly Name[] {
  const chosen = applySpec(known, spec)
  if (chosen.length > 0) return chosen
  throw new Problem('not-supported', `cannot offer ${keyword} ${spec}: none of them is supported here`, {
    remedy: `The workbench supports ${known.join(', ')}; it leaves out algorithms with SHA-1 on purpose.`,
  })
}

/**
 * `+`, `-` and `^` change the default, anything else replaces it; patterns may stand for names.
 * What is not known is left out. Source: `kex_assemble_names` of kex.c.
 */
function applySpec<Name extends string>(known: readonly Name[], spec: string | undefined): Name[] {
  if (spec === undefined) return [...known]
  const sign = '+-^'.includes(spec[0] ?? ' ') ? spec[0] : undefined
  const patterns = (sign === undefined ? spec : spec.slice(1)).split(',')
  const named = patterns.flatMap((pattern) => known.filter((name) => matchesPattern(name, pattern)))
  if (sign === '-') return known.filter((name) => !named.includes(name))
  if (sign === '+') return [...known]
  return [...new Set(sign === '^' ? [...named, ...known] : named)]
}

/** The types of keys that `PubkeyAcceptedAlgorithms` lets us show to a host. */
export function acceptedKeyTypes(spec: string | undefined): ReadonlySet<string> {
  return new Set(
    applySpec(hostKeyAlgorithms, spec).map((name) => (name.startsWith('rsa-') ? 'ssh-rsa' : name)),
  )
}

// By which names, files and rules the key of a host is judged. Pure.
import { Problem } from '../../shared/problem.ts'
import { isHostName } from './address.ts'
import type { HostSettings } from './config/settings.ts'
import { expandPath, expandPlainPath, type TokenValues } from './tokens.ts'

/** `StrictHostKeyChecking`; `no` and `off` count as accept-new, since a changed key is never accepted. */
export type HostKeyPolicy = 'ask' | 'accept-new' | 'refuse'

export interface HostKeyTrust {
  /** As known_hosts spells it, most exact first. The later ones can only vouch for a key, never against it. */
  readonly hostKeyNames: readonly [string, ...string[]]
  readonly hostKeyPolicy: HostKeyPolicy
  /** The first is the one to append to. */
  readonly userKnownHosts: readonly string[]
  readonly globalKnownHosts: readonly string[]
  /** A list of public keys that are refused whatever else says. */
  readonly revokedHostKeys?: string
  /** RSA keys of hosts and users must be as long, in bits. */
  readonly requiredRsaBits: number
}

type Values = HostSettings['values']

const maxKnownHostsFiles = 32
const usualRsaBits = 1024
const minRsaBits = 1024

/** Where to look for the host's key, under which names, and what to do with one that is not there. */
export function findHostKeyTrust(values: Values, tokens: TokenValues): HostKeyTrust {
  const userFiles = listFiles(values, 'userknownhostsfile', ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'])
  const globalFiles = listFiles(values, 'globalknownhostsfile', [
    '/etc/ssh/ssh_known_hosts',
    '/etc/ssh/ssh_known_hosts2',
  ])
  const revoked = values.get('revokedhostkeys')?.[0]
  return {
    hostKeyNames: findHostKeyNames(values, tokens),
    hostKeyPolicy: findHostKeyPolicy(values),
    userKnownHosts: userFiles.map((path) => expandPath(path, tokens)),
    globalKnownHosts: globalFiles.map((path) => expandPlainPath(path, tokens.home)),
    ...(revoked !== undefined &&
      revoked.toLowerCase() !== 'none' && { revokedHostKeys: expandPlainPath(revoked, tokens.home) }),
    requiredRsaBits: Math.max(minRsaBits, Number(values.get('requiredrsasize')?.[0] ?? usualRsaBits)),
  }
}

function listFiles(values: Values, keyword: string, usual: string[]): readonly string[] {
  const given = values.get(keyword) ?? usual
  if (given.length === 1 && given[0]?.toLowerCase() === 'none') return []
  if (given.length > maxKnownHostsFiles || given.some((path) => path.toLowerCase() === 'none'))
    throw new Problem(
      'bad-input',
      `cannot use ${keyword} of the SSH configuration: "none" must be the only value, and at most 32 files are allowed`,
    )
  return given
}

/** With an alias OpenSSH looks up nothing else; otherwise a key filed without the port counts too. */
function findHostKeyNames(values: Values, { hostName, port }: TokenValues): [string, ...string[]] {
  const alias = values.get('hostkeyalias')?.[0]?.toLowerCase()
  if (alias !== undefined) {
    if (isFiledName(alias)) return [alias]
    throw new Problem('bad-input', `cannot use HostKeyAlias ${JSON.stringify(alias)}: it is not a host name`)
  }
  const name = hostName.toLowerCase()
  return port === 22 ? [name] : [`[${name}]:${port}`, name]
}

/** Whether a key may be filed under it: a host name or `[host]:port`, which no line of known_hosts takes for a pattern. */
export function isFiledName(name: string): boolean {
  return isHostName(/^\[([^\]]+)\]:\d{1,5}$/.exec(name)?.[1] ?? name)
}

function findHostKeyPolicy(values: Values): HostKeyPolicy {
  const text = values.get('stricthostkeychecking')?.[0] ?? 'ask'
  if (text === 'yes') return 'refuse'
  return text === 'ask' ? 'ask' : 'accept-new'
}

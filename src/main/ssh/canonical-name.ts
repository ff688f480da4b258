// The name that a host really goes by: addresses in their usual form, short names completed where that is configured.
import { isIPv6, SocketAddress } from 'node:net'
import type { HostSettings } from './config/settings.ts'

/** Whether the name server knows a full name, which ends with a dot. */
export type IsKnownName = (name: string) => Promise<boolean>

/**
 * Numeric addresses are written as `getnameinfo` would (`127.1` is 127.0.0.1), names in lower case. One with a zone
 * stays as it is: whether the zone exists depends on the moment.
 */
export function canonicalAddress(host: string): string {
  if (host.includes('%')) return host
  if (isIPv6(host)) {
    const { address } = new SocketAddress({ address: host, family: 'ipv6' })
    return address === host.toLowerCase() ? host : address
  }
  return canonicalIpv4(host) ?? host.toLowerCase()
}

/** All spellings of inet_aton(3): one to four numbers, each decimal, octal or hexadecimal. */
function canonicalIpv4(host: string): string | undefined {
  if (!/^(?:0x[\da-f]*|\d+)(?:\.(?:0x[\da-f]*|\d+)){0,3}$/i.test(host)) return undefined
  const url = `http://${host}`
  return URL.canParse(url) ? new URL(url).hostname : undefined
}

/** What `CanonicalDomains` would be tried with; undefined where OpenSSH leaves the name alone. */
export function domainsToTry(host: string, values: HostSettings['values']): string[] | undefined {
  const first = (keyword: string) => values.get(keyword)?.[0]
  const mode = first('canonicalizehostname') ?? 'no'
  if (mode === 'no' || host.includes(':') || canonicalIpv4(host) !== undefined) return undefined
  const proxy = first('proxyjump') ?? first('proxycommand') ?? 'none'
  if (mode !== 'always' && proxy.toLowerCase() !== 'none') return undefined
  if (host.endsWith('.')) return []
  const dots = host.split('.').length - 1
  if (dots > Number(first('canonicalizemaxdots') ?? 1)) return undefined
  const domains = values.get('canonicaldomains') ?? []
  return domains[0]?.toLowerCase() === 'none' ? [] : domains.map((domain) => domain.replace(/\.$/, ''))
}

/** The first full name that is known, without its last dot; undefined when none is. */
export async function completeName(
  host: string,
  domains: readonly string[],
  isKnown: IsKnownName,
): Promise<string | undefined> {
  const names = host.endsWith('.') ? [host] : domains.map((domain) => `${host}.${domain}.`)
  for (const name of names.slice(0, 32)) if (await isKnown(name)) return name.slice(0, -1)
  return undefined
}

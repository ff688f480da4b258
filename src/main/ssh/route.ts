// By which way a host is reached, as the configuration has it. Pure.
import { isIP, isIPv6 } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import { Problem } from '../../shared/problem.ts'
import { parseAddress, plainAddress } from './address.ts'
import type { HostSettings } from './config/settings.ts'
import { expandProxy, type TokenValues } from './tokens.ts'

export type Route =
  | { readonly kind: 'direct' }
  /** Each hop is an address of its own, first one first. */
  | { readonly kind: 'jump'; readonly hops: readonly string[] }
  /** For /bin/sh -c; its stdin and stdout are the connection. */
  | { readonly kind: 'command'; readonly command: string }

/** In one chain, those that hops bring along included. */
export const maxHops = 8

type Values = HostSettings['values']

/** The configuration holds one of the two at most: the first counts. */
export function findRoute(values: Values, tokens: TokenValues): Route {
  const jump = values.get('proxyjump')?.[0]?.replace(/#.*/s, '').trim()
  if (jump !== undefined && jump.toLowerCase() !== 'none')
    return { kind: 'jump', hops: findHops(jump, tokens) }
  const command = values.get('proxycommand')?.[0]
  if (command === undefined || command.toLowerCase() === 'none') return { kind: 'direct' }
  if (command === '-') throw notSupported('ProxyCommand -', 'the workbench has no connection on its stdin')
  if (values.get('proxyusefdpass')?.[0] === 'yes')
    throw notSupported('ProxyUseFdpass yes', 'a connection cannot be taken over from the ProxyCommand')
  return { kind: 'command', command: expandProxy(command, tokens) }
}

function findHops(text: string, tokens: TokenValues): string[] {
  const hops = text.split(',').map((hop) => expandProxy(plainAddress(unquoted(hop.trim())), tokens))
  if (hops.length > maxHops)
    throw new Problem('bad-input', `cannot follow ProxyJump: more than ${maxHops} hops in a row`)
  for (const hop of hops) parseAddress(hop)
  return hops
}

/** OpenSSH hands each hop to a shell, which takes off its quotes. */
function unquoted(hop: string): string {
  return /^(["'])(.*)\1$/s.exec(hop)?.[2] ?? hop
}

/** 4 or 6; undefined for either. */
export function findFamily(values: Values): 4 | 6 | undefined {
  const family = values.get('addressfamily')?.[0]
  if (family === 'inet') return 4
  return family === 'inet6' ? 6 : undefined
}

/**
 * The address of this machine to connect from. `BindAddress` outweighs `BindInterface`, as in OpenSSH.
 * Throws `bad-input` for a name, and `not-found` for an interface without a usable address.
 */
export function findLocalAddress(
  values: Values,
  family: 4 | 6 | undefined,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>,
): string | undefined {
  const address = values.get('bindaddress')?.[0]
  if (address !== undefined) {
    if (isIP(address) !== 0) return address
    throw new Problem(
      'bad-input',
      `cannot connect from BindAddress ${address}: only numeric addresses are supported`,
    )
  }
  const name = values.get('bindinterface')?.[0]
  if (name === undefined) return undefined
  const own = (Object.hasOwn(interfaces, name) ? interfaces[name] : undefined) ?? []
  const usable = own.filter(
    (each) => isIPv6(each.address) === (family === 6) && !/^fe80:/i.test(each.address),
  )
  const [found] = usable
  if (found !== undefined) return found.address
  throw new Problem('not-found', `cannot connect from BindInterface ${name}: it has no usable address`)
}

function notSupported(what: string, reason: string): Problem {
  return new Problem('not-supported', `cannot follow ${what} of the SSH configuration: ${reason}`)
}

// Names of hosts and users, and `[user@]host[:port]` as people type it. One set of characters for every use of a name.

import { isIPv6 } from 'node:net'
import { Problem } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'

export interface HostAddress {
  readonly user?: string
  readonly host: string
  readonly port?: number
}

const maxNameLength = 253
/**
 * A name becomes an address, a line of known_hosts, a word for a shell and text on a screen: it has no character that
 * means something to any of these. Underscores are common though no DNS name has them.
 */
const hostName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/
const zone = /^[A-Za-z0-9._-]{1,64}$/
/** OpenSSH refuses the same ones for users; format and private characters could make a prompt read as another. */
const notInUsers = /[\s'"`;&<>|(){}\p{C}]|\\$/u

/** Bare IPv6 addresses have no port: `[::1]:2222` has. `ssh://` may stand before it. Throws `bad-input`. */
export function parseAddress(text: string): HostAddress {
  const trimmed = plainAddress(text.trim())
  if (trimmed.length > 1024) throw refuse(`${trimmed.slice(0, 64)}…`, 'it is longer than 1024 characters')
  const at = trimmed.lastIndexOf('@')
  const user = at === -1 ? undefined : trimmed.slice(0, at)
  const rest = trimmed.slice(at + 1)
  const bracketed = /^\[([^\]]+)\](?::(\d{1,9}))?$/.exec(rest)
  const plain = /^([^:[\]]+)(?::(\d{1,9}))?$/.exec(rest)
  const [, named, digits] = bracketed ?? plain ?? []
  const host = isAddressWithColons(rest) ? rest : named
  if (host === undefined) throw refuse(text, 'expected [user@]host[:port]')
  const port = digits === undefined ? undefined : Number(digits)
  if (port !== undefined && (port < 1 || port > 65_535)) throw refuse(text, 'the port is not 1 to 65535')
  checkHostName(host)
  if (user !== undefined) checkUser(user)
  return { host, ...withValue({ user, port }) }
}

/** Any other than `ssh://…` as it stands; the user in one of those is encoded as in URLs. Throws `bad-input`. */
export function plainAddress(text: string): string {
  const uri = /^ssh:\/\/(?:([^@]*)@)?([^/]*)\/?$/.exec(text)
  if (uri === null) return text.replace(/^ssh:\/\//, '')
  const [, userInfo, host = ''] = uri
  // What follows a semicolon are parameters of the connection, which OpenSSH leaves out too.
  return userInfo === undefined ? host : `${decodeUser(userInfo.replace(/;.*/s, ''))}@${host}`
}

function decodeUser(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw refuse(text, 'its user is not encoded as in URLs')
  }
}

/** A DNS name, an IPv4 address, or an IPv6 address with or without a zone. */
export function isHostName(host: string): boolean {
  return (hostName.test(host) && host.length <= maxNameLength) || isAddressWithColons(host)
}

/** Throws `bad-input` for a name that something could take for something else. */
export function checkHostName(host: string): void {
  if (isHostName(host)) return
  if (/[^\0-\x7f]/.test(host))
    throw refuse(host, 'it has letters beyond ASCII: write such a name in its xn-- form')
  throw refuse(host, 'not a host name or address (letters, digits, dots, hyphens and underscores)')
}

/** Throws `bad-input` where ssh would take it for something else than a user name. */
export function checkUser(user: string): void {
  if (user === '' || user.length > 256 || user.startsWith('-') || notInUsers.test(user)) {
    throw refuse(user, 'not a user name')
  }
}

/** `user@host:port`, the port always there: for prompts and messages. */
export function formatAddress(user: string, host: string, port: number): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`
}

function isAddressWithColons(host: string): boolean {
  const [address = '', ...zones] = host.split('%')
  return (
    address.includes(':') && isIPv6(address) && zones.length <= 1 && zones.every((each) => zone.test(each))
  )
}

function refuse(text: string, reason: string): Problem {
  return new Problem('bad-input', `cannot use the address ${JSON.stringify(text.slice(0, 300))}: ${reason}`)
}

// `[user@]host[:port]` as people type it.
import { Problem } from '../../shared/problem.ts'

export interface HostAddress {
  readonly user?: string
  readonly host: string
  readonly port?: number
}

/** Characters that a ProxyCommand's shell would act upon; OpenSSH refuses the same ones. */
const SHELL_CHARACTERS = /[\s'"`$\\;&<>|(){}\p{Cc}]/u

/** Bare IPv6 addresses have no port: `[::1]:2222` has. Throws `bad-input`. */
export function parseAddress(text: string): HostAddress {
  const trimmed = text.trim().replace(/^ssh:\/\//, '')
  const at = trimmed.lastIndexOf('@')
  const user = at === -1 ? undefined : trimmed.slice(0, at)
  const rest = trimmed.slice(at + 1)
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(rest)
  const plain = /^([^:[\]]+)(?::(\d+))?$/.exec(rest)
  const [, host, digits] = bracketed ?? plain ?? [undefined, rest.includes('::') ? rest : undefined]
  if (host === undefined) throw refuse(text, 'expected [user@]host[:port]')
  const port = digits === undefined ? undefined : Number(digits)
  if (port !== undefined && (port < 1 || port > 65535)) throw refuse(text, 'the port is not 1 to 65535')
  checkHostName(host)
  if (user !== undefined) checkUser(user)
  return { ...(user === undefined ? {} : { user }), host, ...(port === undefined ? {} : { port }) }
}

/** Throws `bad-input` for a name that a shell or a program could take for something else. */
export function checkHostName(host: string): void {
  if (host === '' || host.startsWith('-') || SHELL_CHARACTERS.test(host)) {
    throw refuse(host, 'not a host name or address')
  }
}

export function checkUser(user: string): void {
  if (user === '' || user.startsWith('-') || /[\s'"`;&<>|(){}\p{Cc}]|\\$/u.test(user)) {
    throw refuse(user, 'not a user name')
  }
}

/** `user@host:port`, the port always there: for prompts and messages. */
export function formatAddress(user: string, host: string, port: number): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`
}

function refuse(text: string, reason: string): Problem {
  return new Problem('bad-input', `cannot use the address ${JSON.stringify(text)}: ${reason}`)
}

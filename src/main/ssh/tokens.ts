// The %-tokens, `${VARIABLE}` and `~` of ssh_config(5).
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { Problem } from '../../shared/problem.ts'

export interface TokenValues {
  readonly home: string
  readonly localUser: string
  /** As typed. */
  readonly alias: string
  readonly hostName: string
  /** `HostKeyAlias`, or else as typed. */
  readonly keyAlias: string
  readonly port: number
  readonly user: string
}

type TokenTable = Readonly<Record<string, string>>

/** `HostName` knows the name as typed and nothing else. */
export function expandHostName(text: string, alias: string): string {
  return expand(text, { h: alias }, false)
}

/** `ProxyCommand` and `ProxyJump`. */
export function expandProxy(text: string, values: TokenValues): string {
  const { alias, hostName, keyAlias, port, user } = values
  return expand(text, { h: hostName, k: keyAlias, n: alias, p: `${port}`, r: user }, false)
}

/** A path: `~` first, then tokens and variables, as OpenSSH does; a relative one starts in the home's `.ssh`. */
export function expandPath(text: string, values: TokenValues): string {
  return anchor(expand(expandTilde(text, values.home), allTokens(values), true), values.home)
}

/** A path that knows neither tokens nor variables. */
export function expandPlainPath(text: string, home: string): string {
  return anchor(expandTilde(text, home), home)
}

function allTokens(values: TokenValues): TokenTable {
  const { home, localUser, alias, hostName, keyAlias, port, user } = values
  const local = hostname()
  return {
    C: createHash('sha1').update(`${local}${hostName}${port}${user}`).digest('hex'),
    L: local.split('.')[0] ?? '',
    d: home,
    h: hostName,
    i: `${process.getuid?.() ?? 0}`,
    k: keyAlias,
    l: local,
    n: alias,
    p: `${port}`,
    r: user,
    u: localUser,
  }
}

function expand(text: string, tokens: TokenTable, hasVariables: boolean): string {
  return text.replace(/\$\{([^}]*)\}?|%(.?)/gs, (found, variable: string | undefined, letter = '') => {
    if (found.startsWith('$')) return hasVariables ? readVariable(text, found, variable ?? '') : found
    if (letter === '%') return '%'
    const value = Object.hasOwn(tokens, letter) ? tokens[letter] : undefined
    if (value !== undefined) return value
    throw cannotUse(text, `%${letter} is not known here; write %% for a percent sign`)
  })
}

function readVariable(text: string, found: string, name: string): string {
  if (!found.endsWith('}')) throw cannotUse(text, 'a variable has no closing brace')
  const value = process.env[name]
  if (value === undefined) throw cannotUse(text, `the environment variable ${name} is not set`)
  return value
}

function expandTilde(text: string, home: string): string {
  if (!text.startsWith('~')) return text
  if (text !== '~' && !text.startsWith('~/'))
    throw cannotUse(text, 'the home directories of other users are not looked up')
  return `${home}/${text.slice(1).replace(/^\/+/, '')}`
}

function anchor(path: string, home: string): string {
  return path.startsWith('/') ? path : `${home}/.ssh/${path}`
}

function cannotUse(text: string, reason: string): Problem {
  return new Problem('bad-input', `cannot use ${JSON.stringify(text)} of the SSH configuration: ${reason}`)
}

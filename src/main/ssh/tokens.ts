// The %-tokens and `~` of ssh_config(5).
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../../shared/problem.ts'

export interface TokenValues {
  readonly home: string
  readonly localUser: string
  /** As typed. */
  readonly alias: string
  readonly hostName: string
  readonly port: number
  readonly user: string
}

/** Throws `bad-input` for a token that is not known here. */
export function expandTokens(text: string, values: TokenValues): string {
  return text.replaceAll(/%(.?)/gs, (_, letter: string) => {
    const value = readToken(letter, values)
    if (value !== undefined) return value
    throw new Problem(
      'bad-input',
      `cannot use ${JSON.stringify(text)} of the SSH configuration: %${letter} is not known`,
    )
  })
}

function readToken(letter: string, values: TokenValues): string | undefined {
  const tokens: Readonly<Record<string, string>> = {
    '%': '%',
    d: values.home,
    h: values.hostName,
    i: `${process.getuid?.() ?? 0}`,
    k: values.alias,
    l: hostname(),
    L: hostname().split('.')[0] ?? '',
    n: values.alias,
    p: `${values.port}`,
    r: values.user,
    u: values.localUser,
  }
  return Object.hasOwn(tokens, letter) ? tokens[letter] : undefined
}

/** A path of the configuration: tokens, then `~`; relative ones start in the home directory's .ssh. */
export function expandPath(text: string, values: TokenValues): string {
  const expanded = expandTokens(text, values)
  if (expanded === '~') return values.home
  if (expanded.startsWith('~/')) return join(values.home, expanded.slice(2))
  return expanded.startsWith('/') ? expanded : join(values.home, '.ssh', expanded)
}

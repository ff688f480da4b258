// With which keys and by which methods somebody logs in, as the configuration has it. Pure.

import { Problem } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'
import { acceptedKeyTypes } from './algorithms.ts'
import type { HostSettings } from './config/settings.ts'
import { expandPath, type TokenValues } from './tokens.ts'

export type LoginMethod = 'publickey' | 'password' | 'keyboard-interactive'

export interface LoginSettings {
  readonly identityFiles: readonly string[]
  /** Whether the configuration names the identity files; otherwise they are the usual ones. */
  readonly hasOwnIdentities: boolean
  readonly identitiesOnly: boolean
  readonly agentSocket?: string
  /** In the order to try them. */
  readonly methods: readonly LoginMethod[]
  /** `PubkeyAcceptedAlgorithms`: types of keys that may be shown to the host. */
  readonly acceptedKeyTypes: ReadonlySet<string>
  /** Tries of a password and of keyboard-interactive, 0 to 3. */
  readonly secretAttempts: number
}

type Values = HostSettings['values']

const usualIdentities = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa']
const usualMethods: readonly LoginMethod[] = ['publickey', 'password', 'keyboard-interactive']
const maxSecretAttempts = 3
const maxIdentityFiles = 100

/** How to log in. `agentSocket` is absent where there is none or the configuration forbids it. */
export function findLoginSettings(
  values: Values,
  tokens: TokenValues,
  agentSocket: string | undefined,
): LoginSettings {
  const socket = findAgentSocket(values, tokens, agentSocket)
  const attempts = Number(values.get('numberofpasswordprompts')?.[0] ?? maxSecretAttempts)
  return {
    identityFiles: findIdentityFiles(values, tokens),
    hasOwnIdentities: values.has('identityfile'),
    identitiesOnly: values.get('identitiesonly')?.[0] === 'yes',
    ...withValue({ agentSocket: socket }),
    methods: findMethods(values),
    acceptedKeyTypes: acceptedKeyTypes(values.get('pubkeyacceptedalgorithms')?.[0]),
    secretAttempts: Math.min(attempts, maxSecretAttempts),
  }
}

/** `PreferredAuthentications` gives the order; methods that are switched off or not known here are left out. */
function findMethods(values: Values): LoginMethod[] {
  const isOff = (keyword: string) => values.get(keyword)?.[0] === 'no'
  const off = new Set([
    ...(isOff('pubkeyauthentication') ? ['publickey'] : []),
    ...(isOff('passwordauthentication') ? ['password'] : []),
    ...(isOff('kbdinteractiveauthentication') ? ['keyboard-interactive'] : []),
  ])
  const order = values.get('preferredauthentications')?.[0]?.split(',') ?? usualMethods
  const known = order.filter((name): name is LoginMethod => usualMethods.some((method) => method === name))
  const methods = [...new Set(known)].filter((method) => !off.has(method))
  if (methods.length > 0) return methods
  throw new Problem('not-supported', 'cannot log in: the SSH configuration allows no supported method', {
    remedy: `Supported are ${usualMethods.join(', ')}.`,
  })
}

function findIdentityFiles(values: Values, tokens: TokenValues): string[] {
  const given = values.get('identityfile') ?? usualIdentities
  if (given.length > maxIdentityFiles)
    throw new Problem(
      'bad-input',
      `cannot use the SSH configuration: it has IdentityFile more than ${maxIdentityFiles} times`,
    )
  const named = given.filter((path) => path.toLowerCase() !== 'none')
  return [...new Set(named.map((path) => expandPath(path, tokens)))]
}

function findAgentSocket(values: Values, tokens: TokenValues, usual: string | undefined): string | undefined {
  const text = values.get('identityagent')?.[0]
  if (text === undefined || text === 'SSH_AUTH_SOCK') return usual
  if (text.toLowerCase() === 'none') return undefined
  // The older form of a variable, without braces, stands for the whole path.
  const variable = /^\$([A-Za-z0-9_]+)$/.exec(text)?.[1]
  if (variable === 'SSH_AUTH_SOCK') return usual
  if (variable !== undefined) return process.env[variable]
  if (/^\$[^{]/.test(text))
    throw new Problem(
      'bad-input',
      `cannot use IdentityAgent ${text} of the SSH configuration: not a variable's name`,
    )
  return expandPath(text, tokens)
}

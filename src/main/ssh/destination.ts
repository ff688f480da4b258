// Where a connection goes and how, once the address and the SSH configuration are put together.

import { lookup } from 'node:dns/promises'
import { networkInterfaces, userInfo } from 'node:os'
import { Problem } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'
import { checkHostName, checkUser, formatAddress, type HostAddress, parseAddress } from './address.ts'
import { chooseAlgorithms, type OfferedAlgorithms } from './algorithms.ts'
import { canonicalAddress, completeName, domainsToTry, type IsKnownName } from './canonical-name.ts'
import { type ConfigFile, type ConfigSource, readConfigFiles } from './config/files.ts'
import { findSettings, type HostSettings } from './config/settings.ts'
import { findHostKeyTrust, type HostKeyTrust } from './host-key-trust.ts'
import { findLoginSettings, type LoginSettings } from './login-settings.ts'
import { findFamily, findLocalAddress, findRoute, type Route } from './route.ts'
import { expandHostName, type TokenValues } from './tokens.ts'

export interface Destination extends HostKeyTrust, LoginSettings {
  /** `user@host:port`, for prompts and messages. */
  readonly label: string
  readonly user: string
  readonly hostName: string
  readonly port: number
  readonly route: Route
  /** 4 or 6; absent: either. */
  readonly addressFamily?: 4 | 6
  /** The address of this machine to connect from. */
  readonly localAddress?: string
  readonly algorithms: OfferedAlgorithms
  readonly connectTimeoutMs: number
  /** How often TCP is tried. */
  readonly connectionAttempts: number
  readonly aliveIntervalMs: number
  /** So many unanswered keepalives end the connection. */
  readonly aliveCountMax: number
  /** What of the configuration is not followed, for people. */
  readonly notes: readonly string[]
}

const connectTimeoutSeconds = 20
const aliveIntervalSeconds = 15
const maxConnectionAttempts = 10
/** The longest timer of Node is 2^31 − 1 ms. */
const maxTimerSeconds = 2_147_483

export interface DestinationSource extends ConfigSource {
  readonly agentSocket?: string
}

/** The files are read once, for as many addresses as need be. */
export interface LoadedConfig {
  readonly source: DestinationSource
  readonly files: readonly ConfigFile[]
}

/** Reads the configuration once for many destinations. Rejects with `bad-input` where ssh would refuse a file. */
export async function loadConfig(source: DestinationSource): Promise<LoadedConfig> {
  return { source, files: await readConfigFiles(source) }
}

/**
 * Reads the configuration for a connection. `CanonicalDomains` are looked up.
 * Throws `bad-input` for values that cannot be used and `not-supported` for what would lead elsewhere.
 */
export async function readDestination(
  source: DestinationSource,
  address: string,
  isKnown: IsKnownName = isInDns,
): Promise<Destination> {
  return await findDestination(await loadConfig(source), address, isKnown)
}

/** Without `isKnown` nothing is looked up, and a note says so where it matters. */
export async function findDestination(
  config: LoadedConfig,
  address: string,
  isKnown?: IsKnownName,
): Promise<Destination> {
  const typed = parseAddress(address)
  const search = new DestinationSearch(config, typed)
  const settings = await search.findSettings(isKnown)
  return search.describe(settings)
}

function isInDns(name: string): Promise<boolean> {
  return lookup(name).then(
    () => true,
    () => false,
  )
}

class DestinationSearch {
  readonly #config: LoadedConfig
  readonly #typed: HostAddress
  readonly #localUser = userInfo().username
  #hostName = ''

  constructor(config: LoadedConfig, typed: HostAddress) {
    this.#config = config
    this.#typed = typed
  }

  async findSettings(isKnown: IsKnownName | undefined): Promise<HostSettings> {
    const { host, user } = this.#typed
    const expand = (text: string) => expandHostName(text, host)
    const notes: string[] = []
    const settings = await findSettings(this.#config.files, {
      host,
      ...withValue({ user }),
      localUser: this.#localUser,
      expandHostName: expand,
      canonicalName: async (values) => {
        const named = values.get('hostname')?.[0]
        const name = canonicalAddress(named === undefined ? host : expand(named))
        checkHostName(name)
        this.#hostName = await this.#complete(name, values, isKnown, notes)
        return this.#hostName
      },
    })
    return { values: settings.values, notes: [...settings.notes, ...notes] }
  }

  async #complete(
    name: string,
    values: HostSettings['values'],
    isKnown: IsKnownName | undefined,
    notes: string[],
  ): Promise<string> {
    const domains = domainsToTry(name, values)
    if (domains === undefined) return name
    const cnames = values.get('canonicalizepermittedcnames')?.[0] ?? 'none'
    if (cnames !== 'none') notes.push('CanonicalizePermittedCNAMEs is not followed: the name stays as it is')
    if (isKnown === undefined) {
      if (domains.length > 0) notes.push(`${name} is completed by CanonicalDomains when it is connected`)
      return name
    }
    const found = await completeName(name, domains, isKnown)
    if (found !== undefined) return canonicalAddress(found)
    if (values.get('canonicalizefallbacklocal')?.[0] !== 'no') return name
    throw new Problem('unreachable', `cannot find ${name} in any of CanonicalDomains ${domains.join(' ')}`)
  }

  describe({ values, notes }: HostSettings): Destination {
    const { source } = this.#config
    const hostName = this.#hostName
    const first = (keyword: string) => values.get(keyword)?.[0]
    const port = this.#typed.port ?? Number(first('port') ?? 22)
    const user = this.#typed.user ?? first('user') ?? this.#localUser
    checkUser(user)
    const tokens: TokenValues = {
      home: source.home,
      localUser: this.#localUser,
      alias: this.#typed.host,
      hostName,
      keyAlias: first('hostkeyalias')?.toLowerCase() ?? this.#typed.host,
      port,
      user,
    }
    const family = findFamily(values)
    const localAddress = findLocalAddress(values, family, networkInterfaces())
    return {
      label: formatAddress(user, hostName, port),
      user,
      hostName,
      port,
      route: findRoute(values, tokens),
      ...withValue({ addressFamily: family, localAddress }),
      ...findHostKeyTrust(values, tokens),
      ...findLoginSettings(values, tokens, source.agentSocket),
      algorithms: chooseAlgorithms(first),
      connectTimeoutMs: readSeconds(first('connecttimeout'), connectTimeoutSeconds) * 1000,
      connectionAttempts: readAttempts(first('connectionattempts')),
      aliveIntervalMs: readSeconds(first('serveraliveinterval'), aliveIntervalSeconds) * 1000,
      aliveCountMax: Math.max(1, Number(first('serveralivecountmax') ?? 3)),
      notes: [...notes, ...notFollowed(values)],
    }
  }
}

/** 0 stands for no limit, which would leave a dead host unnoticed: the usual value holds then. */
function readSeconds(text: string | undefined, usual: number): number {
  return Math.min(Number(text ?? 0) || usual, maxTimerSeconds)
}

function readAttempts(text: string | undefined): number {
  const attempts = Number(text ?? 1)
  if (attempts >= 1) return Math.min(attempts, maxConnectionAttempts)
  throw new Problem(
    'bad-input',
    'cannot use ConnectionAttempts 0 of the SSH configuration: at least 1 is needed',
  )
}

const unfollowed = new Map([
  ['certificatefile', 'certificates are not supported'],
  ['knownhostscommand', 'it is never run, so the keys that it would print count as unknown'],
  ['pkcs11provider', 'keys on smart cards are used through an agent only'],
])

function notFollowed(values: HostSettings['values']): string[] {
  return [...unfollowed].flatMap(([keyword, reason]) => {
    const value = values.get(keyword)?.[0]
    return value === undefined || value.toLowerCase() === 'none'
      ? []
      : [`${keyword} ${value} is not followed: ${reason}`]
  })
}

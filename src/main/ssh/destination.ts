// Where a connection goes and how, once the address and the SSH configuration are put together.
import { userInfo } from 'node:os'
import { Problem } from '../../shared/problem.ts'
import { checkHostName, checkUser, formatAddress, parseAddress } from './address.ts'
import { type ConfigSource, type HostSettings, readHostSettings } from './ssh-config.ts'
import { expandPath, expandTokens, type TokenValues } from './tokens.ts'

export type Route =
  | { readonly kind: 'direct' }
  /** Each hop is an address of its own, first one first. */
  | { readonly kind: 'jump'; readonly hops: readonly string[] }
  /** For /bin/sh -c; its stdin and stdout are the connection. */
  | { readonly kind: 'command'; readonly command: string }

/** `StrictHostKeyChecking`; `no` and `off` count as accept-new, since a changed key is never accepted. */
export type HostKeyPolicy = 'ask' | 'accept-new' | 'refuse'

export interface Destination {
  /** `user@host:port`, for prompts and messages. */
  readonly label: string
  readonly user: string
  readonly hostName: string
  readonly port: number
  readonly route: Route
  /** As known_hosts spells it, most exact first. The later ones can only vouch for a key, never against it. */
  readonly hostKeyNames: readonly [string, ...string[]]
  readonly hostKeyPolicy: HostKeyPolicy
  /** The first is the one to append to. */
  readonly userKnownHosts: readonly string[]
  readonly globalKnownHosts: readonly string[]
  readonly identityFiles: readonly string[]
  /** Whether the configuration names the identity files; otherwise they are the usual ones. */
  readonly hasOwnIdentities: boolean
  readonly identitiesOnly: boolean
  readonly agentSocket?: string
  readonly connectTimeoutMs: number
  readonly aliveIntervalMs: number
}

const DEFAULT_IDENTITIES = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa']
const CONNECT_TIMEOUT_MS = 20_000
const ALIVE_INTERVAL_MS = 15_000

export interface DestinationSource extends ConfigSource {
  readonly agentSocket?: string
}

/** Reads the configuration; throws `bad-input` for values that cannot be used. */
export async function readDestination(source: DestinationSource, address: string): Promise<Destination> {
  const typed = parseAddress(address)
  const settings = await readHostSettings(source, typed.host, typed.user)
  const port = typed.port ?? readNumber(settings, 'port') ?? 22
  const localUser = userInfo().username
  const user = typed.user ?? first(settings, 'user') ?? localUser
  const base = { home: source.home, localUser, alias: typed.host, port, user }
  const hostName = expandTokens(first(settings, 'hostname') ?? typed.host, { ...base, hostName: typed.host })
  checkHostName(hostName)
  checkUser(user)
  const values: TokenValues = { ...base, hostName }
  const agentSocket = findAgentSocket(source, settings, values)
  return {
    label: formatAddress(user, hostName, port),
    user,
    hostName,
    port,
    route: findRoute(settings, values),
    hostKeyNames: findHostKeyNames(settings, hostName, port),
    hostKeyPolicy: findHostKeyPolicy(settings),
    userKnownHosts: expandFiles(
      settings,
      'userknownhostsfile',
      '~/.ssh/known_hosts ~/.ssh/known_hosts2',
      values,
    ),
    globalKnownHosts: expandFiles(
      settings,
      'globalknownhostsfile',
      '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2',
      values,
    ),
    identityFiles: findIdentityFiles(settings, values),
    hasOwnIdentities: settings.has('identityfile'),
    identitiesOnly: first(settings, 'identitiesonly')?.toLowerCase() === 'yes',
    ...(agentSocket === undefined ? {} : { agentSocket }),
    connectTimeoutMs: (readNumber(settings, 'connecttimeout') || CONNECT_TIMEOUT_MS / 1000) * 1000,
    aliveIntervalMs: (readNumber(settings, 'serveraliveinterval') || ALIVE_INTERVAL_MS / 1000) * 1000,
  }
}

function first(settings: HostSettings, name: string): string | undefined {
  return settings.get(name)?.[0]
}

function readNumber(settings: HostSettings, name: string): number | undefined {
  const text = first(settings, name)
  if (text === undefined || text.toLowerCase() === 'none') return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Problem('bad-input', `cannot use ${name} ${text} of the SSH configuration: not a number`)
}

/** Of ProxyJump and ProxyCommand the one that stands first counts, as in OpenSSH. */
function findRoute(settings: HostSettings, values: TokenValues): Route {
  for (const [name, [text]] of settings) {
    if (name !== 'proxyjump' && name !== 'proxycommand') continue
    if (text === undefined || text.toLowerCase() === 'none') return { kind: 'direct' }
    if (name === 'proxyjump') {
      const hops = expandTokens(text, values).split(',')
      return { kind: 'jump', hops: hops.map((hop) => hop.trim()).filter((hop) => hop !== '') }
    }
    return { kind: 'command', command: expandTokens(text, values) }
  }
  return { kind: 'direct' }
}

/** With an alias OpenSSH looks up nothing else; otherwise a key filed without the port counts too. */
function findHostKeyNames(settings: HostSettings, hostName: string, port: number): [string, ...string[]] {
  const alias = first(settings, 'hostkeyalias')
  if (alias !== undefined) return [alias.toLowerCase()]
  const name = hostName.toLowerCase()
  return port === 22 ? [name] : [`[${name}]:${port}`, name]
}

function findHostKeyPolicy(settings: HostSettings): HostKeyPolicy {
  const text = (first(settings, 'stricthostkeychecking') ?? 'ask').toLowerCase()
  if (text === 'yes' || text === 'true') return 'refuse'
  return ['accept-new', 'no', 'off', 'false'].includes(text) ? 'accept-new' : 'ask'
}

function expandFiles(settings: HostSettings, name: string, fallback: string, values: TokenValues): string[] {
  const given = settings.get(name) ?? fallback.split(' ')
  return given.filter((text) => text.toLowerCase() !== 'none').map((text) => expandPath(text, values))
}

function findIdentityFiles(settings: HostSettings, values: TokenValues): string[] {
  const given = settings.get('identityfile') ?? DEFAULT_IDENTITIES
  const named = given.filter((text) => text.toLowerCase() !== 'none')
  return [...new Set(named.map((text) => expandPath(text, values)))]
}

function findAgentSocket(
  source: DestinationSource,
  settings: HostSettings,
  values: TokenValues,
): string | undefined {
  const text = first(settings, 'identityagent')
  if (text === undefined || text === 'SSH_AUTH_SOCK' || text === '$SSH_AUTH_SOCK') return source.agentSocket
  if (text.toLowerCase() === 'none') return undefined
  return text.startsWith('$') ? process.env[text.slice(1)] : expandPath(text, values)
}

// OpenSSH's own client as a second opinion, and the comparison of its answers with ours.
import { spawn } from 'node:child_process'
import { userInfo } from 'node:os'
import { expect } from 'vitest'
import { parseAddress } from '../../src/main/ssh/address.ts'
import type { Destination } from '../../src/main/ssh/destination.ts'

export const program = '/usr/bin/ssh'
const { homedir } = userInfo()

interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Without an agent and with no wait for a terminal. `setsid` keeps ssh from asking anybody. */
export function runSsh(args: readonly string[], home?: string): Promise<Answer> {
  const env = { PATH: process.env.PATH, LANG: 'C', HOME: home ?? process.env.HOME }
  const child = spawn(program, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    timeout: 60_000,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }))
  })
}

export type Fields = ReadonlyMap<string, readonly string[]>

export function parseAnswer(stdout: string): Fields {
  const fields = new Map<string, string[]>()
  for (const line of stdout.split('\n').filter(Boolean)) {
    const [name = '', ...words] = line.split(' ')
    fields.set(name, [...(fields.get(name) ?? []), words.join(' ')])
  }
  return fields
}

const seconds = (text: string, usual: number) => (/^[1-9]\d*$/.test(text) ? Number(text) : usual) * 1000
/** Relative ones start in ~/.ssh here: a desktop has no working directory that would mean anything. */
const anchored = (path: string) => (/^[/~]/.test(path) ? path : `${homedir}/.ssh/${path}`)
const noneOr = (text = '') => (text.toLowerCase() === 'none' ? 'none' : atHome(anchored(text), homedir))
const atHome = (path: string, home: string) => path.replace(/^~\//, `${home}/`)

/** What ssh prints, in our words. Paths with blanks print as several, so these are compared as one text. */
function expectSamePlace(ours: Destination, theirs: Fields, isAtHome: boolean): void {
  const one = (name: string) => theirs.get(name)?.[0]
  const strict = { true: 'refuse', ask: 'ask', 'accept-new': 'accept-new', false: 'accept-new' }[
    one('stricthostkeychecking') ?? ''
  ]
  const family = { any: undefined, inet: 4, inet6: 6 }[one('addressfamily') ?? '']
  expect({
    user: ours.user,
    hostName: ours.hostName,
    port: ours.port,
    route: describeRoute(ours),
    family: ours.addressFamily,
    strict: ours.hostKeyPolicy,
    ...(!isAtHome && { userKnownHosts: ours.userKnownHosts.join(' ') || 'none' }),
    globalKnownHosts: ours.globalKnownHosts.join(' ') || 'none',
    revoked: ours.revokedHostKeys,
    requiredRsaBits: ours.requiredRsaBits,
    identitiesOnly: ours.identitiesOnly,
    connectTimeoutMs: ours.connectTimeoutMs,
    connectionAttempts: ours.connectionAttempts,
    aliveIntervalMs: ours.aliveIntervalMs,
    aliveCountMax: ours.aliveCountMax,
    secretAttempts: ours.secretAttempts,
  }).toEqual({
    user: one('user'),
    hostName: one('hostname'),
    port: Number(one('port')),
    route:
      one('proxyjump') === undefined ? theirCommand(one('proxycommand')) : hopsOf(one('proxyjump') ?? ''),
    family,
    strict,
    ...(!isAtHome && { userKnownHosts: noneOr(one('userknownhostsfile')) }),
    globalKnownHosts: noneOr(one('globalknownhostsfile')),
    revoked: one('revokedhostkeys'),
    requiredRsaBits: Number(one('requiredrsasize')),
    identitiesOnly: one('identitiesonly') === 'yes',
    connectTimeoutMs: seconds(one('connecttimeout') ?? '', 20),
    connectionAttempts: Number(one('connectionattempts')),
    aliveIntervalMs: seconds(one('serveraliveinterval') ?? '', 15),
    aliveCountMax: Number(one('serveralivecountmax')),
    secretAttempts: Number(one('numberofpasswordprompts')),
  })
}

function describeRoute({ route }: Destination): unknown {
  if (route.kind === 'jump') return hopsOf(route.hops.join(','))
  return route.kind === 'command' ? route.command : 'direct'
}
const theirCommand = (command = 'none') => (command === 'none' ? 'direct' : command)
const hopsOf = (text: string) => text.split(',').map(parseAddress)

function expectSameNames(ours: Destination, theirs: Fields): void {
  const alias = theirs.get('hostkeyalias')?.[0]
  const name = theirs.get('hostname')?.[0]?.toLowerCase()
  const [port] = theirs.get('port') ?? []
  expect(ours.hostKeyNames[0]).toBe(alias ?? (port === '22' ? name : `[${name}]:${port}`))
  const bind = theirs.get('bindaddress')?.[0]
  if (bind !== undefined) expect(ours.localAddress).toBe(bind)
  expect(ours.localAddress !== undefined).toBe(bind !== undefined || theirs.has('bindinterface'))
}

function expectSameLogin(ours: Destination, theirs: Fields): void {
  const isOn = (name: string) => !['no', 'false'].includes(theirs.get(name)?.[0] ?? 'yes')
  const preferred = theirs.get('preferredauthentications')?.[0]?.split(',')
  const switches = {
    publickey: isOn('pubkeyauthentication'),
    password: isOn('passwordauthentication'),
    'keyboard-interactive': isOn('kbdinteractiveauthentication'),
  }
  const order = preferred ?? Object.keys(switches)
  expect(ours.methods).toEqual(order.filter((method) => switches[method as keyof typeof switches]))
  const agent = theirs.get('identityagent')?.[0]
  if (agent?.startsWith('/')) expect(ours.agentSocket).toBe(agent)
  else if (agent === '$HOME') expect(ours.agentSocket).toBe(process.env.HOME)
  else expect(ours.agentSocket).toBeUndefined()
}

const algorithmFields = [
  ['ciphers', 'cipher'],
  ['macs', 'mac'],
  ['kexalgorithms', 'kex'],
  ['hostkeyalgorithms', 'hostKey'],
] as const

/** Both sides of the default configuration are needed to tell what a configuration has changed. */
export class Comparison {
  readonly #usual: Destination
  readonly #theirUsual: Fields

  constructor(usual: Destination, theirUsual: Fields) {
    this.#usual = usual
    this.#theirUsual = theirUsual
  }

  expectSame(ours: Destination, theirs: Fields, isAtHome: boolean): void {
    expectSamePlace(ours, theirs, isAtHome)
    expectSameNames(ours, theirs)
    expectSameLogin(ours, theirs)
    for (const [field, kind] of algorithmFields) this.#expectSameAlgorithms(ours, theirs, field, kind)
    expectSameKeyTypes(ours, theirs)
  }

  /** ssh2 knows fewer algorithms: what both know must be the same, and in the same order where one was asked for. */
  #expectSameAlgorithms(
    ours: Destination,
    theirs: Fields,
    field: string,
    kind: keyof Destination['algorithms'],
  ): void {
    const known: readonly string[] = this.#usual.algorithms[kind]
    const commonOf = (fields: Fields) =>
      (fields.get(field)?.[0]?.split(',') ?? []).filter((name) => known.includes(name))
    const listed = theirs.get(field)?.[0]?.split(',') ?? []
    const common = commonOf(theirs)
    const offered: readonly string[] = ours.algorithms[kind]
    expect(offered.filter((name) => listed.includes(name)).sort()).toEqual([...common].sort())
    if (common[0] !== commonOf(this.#theirUsual)[0]) expect(offered[0]).toBe(common[0])
    // Those that only ssh2 has come along where the default was changed, never where it was replaced.
    if (common.length < known.length / 2) expect(offered).toEqual(common)
  }
}

function expectSameKeyTypes(ours: Destination, theirs: Fields): void {
  const accepted = theirs.get('pubkeyacceptedalgorithms')?.[0]?.split(',') ?? []
  const types = accepted.map((name) => name.replace(/^rsa-sha2-.*/, 'ssh-rsa'))
  const plain = [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'ssh-rsa',
  ]
  expect([...ours.acceptedKeyTypes].sort()).toEqual(plain.filter((type) => types.includes(type)).sort())
}

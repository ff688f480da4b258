import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { chooseAlgorithms } from './algorithms.ts'
import { findDestination, loadConfig, readDestination } from './destination.ts'
import { listSshAliases } from './environment.ts'

const home = mkdtempSync(join(tmpdir(), 'singleton-config-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
mkdirSync(join(home, '.ssh/conf.d'), { recursive: true })
const write = (name: string, text: string) => writeFileSync(join(home, '.ssh', name), text)
const source = { home, systemConfig: '', agentSocket: '/run/agent' }
const read = (config: string, address: string) => {
  write('config', config)
  return readDestination(source, address)
}
const inSsh = (name: string) => join(home, '.ssh', name)
const user = userInfo().username

beforeEach(() => {
  for (const name of ['config', 'conf.d/a.conf', 'conf.d/b.conf']) write(name, '')
})

describe('destinations', () => {
  it('has the defaults of OpenSSH without a configuration', async () => {
    rmSync(inSsh('config'))
    expect(await readDestination(source, 'box')).toEqual({
      label: `${user}@box:22`,
      user,
      hostName: 'box',
      port: 22,
      route: { kind: 'direct' },
      hostKeyNames: ['box'],
      hostKeyPolicy: 'ask',
      userKnownHosts: [inSsh('known_hosts'), inSsh('known_hosts2')],
      globalKnownHosts: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
      identityFiles: [inSsh('id_ed25519'), inSsh('id_ecdsa'), inSsh('id_rsa')],
      hasOwnIdentities: false,
      identitiesOnly: false,
      agentSocket: '/run/agent',
      methods: ['publickey', 'password', 'keyboard-interactive'],
      acceptedKeyTypes: new Set([
        'ssh-ed25519',
        'ecdsa-sha2-nistp256',
        'ecdsa-sha2-nistp384',
        'ecdsa-sha2-nistp521',
        'ssh-rsa',
      ]),
      secretAttempts: 3,
      requiredRsaBits: 1024,
      algorithms: chooseAlgorithms(() => undefined),
      connectTimeoutMs: 20_000,
      connectionAttempts: 1,
      aliveIntervalMs: 15_000,
      aliveCountMax: 3,
      notes: [],
    })
  })

  it.each([
    ['HostName', 'Host box\n HostName 10.1.1.1', 'box', { hostName: '10.1.1.1', hostKeyNames: ['10.1.1.1'] }],
    ['HostName with a token', 'Host *\n HostName %h.example.com', 'box', { hostName: 'box.example.com' }],
    [
      'names in lower case',
      'host box\n hostname 10.1.1.1\n port 2200\n user me',
      'box',
      { hostName: '10.1.1.1', port: 2200, user: 'me' },
    ],
    ['equals signs and quotes', 'Host=box\n Port = 2200\n User "me"', 'box', { port: 2200, user: 'me' }],
    ['the first value', 'Host box\n Port 1\nHost *\n Port 2\n User all', 'box', { port: 1, user: 'all' }],
    ['a line before all hosts', 'User first\nHost box\n User second', 'box', { user: 'first' }],
    ['negated patterns', 'Host * !box\n Port 2\nHost *\n Port 3', 'box', { port: 3 }],
    ['patterns', 'Host web?? 10.0.*\n Port 2', 'web01', { port: 2 }],
    ['what was typed first', 'Host box\n Port 1\n User me', 'you@box:99', { port: 99, user: 'you' }],
    [
      'HostKeyAlias without a port',
      'Host box\n Port 2\n HostKeyAlias Real',
      'box',
      { hostKeyNames: ['real'] },
    ],
    ['names with port', '', 'Box:2222', { hostKeyNames: ['[box]:2222', 'box'] }],
    ['IPv6', '', '[::1]:2222', { hostName: '::1', hostKeyNames: ['[::1]:2222', '::1'], port: 2222 }],
    ['IPv6 without port', '', '::1', { hostName: '::1', port: 22 }],
    ['Match host and user', 'Match host box user me\n Port 2', 'me@box', { port: 2 }],
    ['Match originalhost', 'Host box\n HostName real\nMatch originalhost box\n Port 2', 'box', { port: 2 }],
    ['Match by real name', 'Host box\n hostname real\nMatch host real\n Port 2', 'box', { port: 2 }],
    ['ProxyJump', 'Host box\n ProxyJump a,me@b:2', 'box', { route: { kind: 'jump', hops: ['a', 'me@b:2'] } }],
    [
      'ProxyJump none',
      'Host box\n ProxyJump none\nHost *\n ProxyJump a',
      'box',
      { route: { kind: 'direct' } },
    ],
    [
      'the first proxy',
      'Host box\n ProxyCommand nc %h %p\n ProxyJump a',
      'box',
      { route: { kind: 'command', command: 'nc box 22' } },
    ],
    [
      'ProxyCommand with quotes',
      'Host box\n ProxyCommand "my nc" -u %r %% %h',
      'me@box',
      { route: { kind: 'command', command: '"my nc" -u me % box' } },
    ],
    ['StrictHostKeyChecking', 'StrictHostKeyChecking yes', 'box', { hostKeyPolicy: 'refuse' }],
    ['no as accept-new', 'StrictHostKeyChecking no', 'box', { hostKeyPolicy: 'accept-new' }],
    [
      'known hosts files',
      'UserKnownHostsFile ~/a "/b c"\nGlobalKnownHostsFile none',
      'box',
      { userKnownHosts: [join(home, 'a'), '/b c'], globalKnownHosts: [] },
    ],
    [
      'times',
      'ServerAliveInterval 5\nConnectTimeout 3',
      'box',
      { aliveIntervalMs: 5000, connectTimeoutMs: 3000 },
    ],
    ['no keepalive as the usual one', 'ServerAliveInterval 0', 'box', { aliveIntervalMs: 15_000 }],
    ['IdentityAgent', 'IdentityAgent ~/agent', 'box', { agentSocket: join(home, 'agent') }],
    ['IdentityAgent SSH_AUTH_SOCK', 'IdentityAgent SSH_AUTH_SOCK', 'box', { agentSocket: '/run/agent' }],
  ])('reads %s', async (_, config, address, expected) => {
    expect(await read(config, address)).toMatchObject(expected)
  })

  it('collects identity files with their tokens', async () => {
    const config =
      'Host box\n IdentityFile ~/.ssh/%h-%p-%r\n IdentityFile %d/keys/%u\n IdentitiesOnly yes\nHost *\n IdentityFile rel'
    const { identityFiles, identitiesOnly, hasOwnIdentities } = await read(config, 'me@box')
    expect(identityFiles).toEqual([inSsh('box-22-me'), join(home, 'keys', user), inSsh('rel')])
    expect([identitiesOnly, hasOwnIdentities]).toEqual([true, true])
  })

  it('has no agent with IdentityAgent none', async () => {
    expect((await read('IdentityAgent none', 'box')).agentSocket).toBeUndefined()
  })

  it('lets a section that cannot be read cost nobody else, and says so', async () => {
    const config =
      'Host "open\n Port 1\nMatch planet earth\n Port 2\nHost other\n Port x\nHost box\n Port 3\n'
    const { port, notes } = await read(config, 'box')
    expect(port).toBe(3)
    expect(notes).toEqual([
      expect.stringContaining('line 1 fits no host: a quote is not closed'),
      expect.stringContaining('line 3 fits no host: planet is not a criterion'),
    ])
    await expect(read(config, 'other')).rejects.toMatchObject({ message: expect.stringContaining('line 6') })
  })

  it.each([
    ['CertificateFile ~/cert', /certificates are not supported/],
    ['KnownHostsCommand /bin/true', /never run/],
    ['PKCS11Provider /lib/p.so', /agent only/],
    ['Frobnicate yes', /frobnicate is not understood/],
    ['Match exec true\n Port 2', /Match exec is never asked/],
    ['CanonicalizeHostname yes\nCanonicalizePermittedCNAMEs *:*', /CNAMEs is not followed/],
  ])('says that it does not follow %s', async (config, note) => {
    expect((await read(config, 'box')).notes).toEqual([expect.stringMatching(note)])
  })

  it('completes short names by the domains that the name server knows', async () => {
    write(
      'config',
      'CanonicalizeHostname yes\nCanonicalDomains a.example b.example\nMatch canonical host *.b.example\n Port 2\n',
    )
    const isKnown = async (name: string) => name === 'box.b.example.'
    expect(await readDestination(source, 'box', isKnown)).toMatchObject({
      hostName: 'box.b.example',
      port: 2,
    })
    expect(await readDestination(source, 'other', isKnown)).toMatchObject({ hostName: 'other', port: 22 })
    const unasked = await findDestination(await loadConfig(source), 'box')
    expect(unasked.notes).toEqual([expect.stringContaining('completed by CanonicalDomains')])
  })

  it('never runs Match exec, and looks no name up that CanonicalizeHostname does not ask for', async () => {
    const trap = join(home, 'trap')
    const config = `CanonicalizeHostname no\nCanonicalDomains example.com\nMatch exec "touch ${trap}"\n Port 2\nMatch host box exec "touch ${trap}"\n Port 3\n`
    expect(await read(config, 'box')).toMatchObject({ port: 22, hostName: 'box' })
    expect(existsSync(trap)).toBe(false)
  })

  it.each([
    'me@-oProxyCommand=x',
    'a;b',
    '$(x)',
    'a b',
    '',
    '@host',
    'host:0',
    'host:99999',
    'host:x',
    '-x@host',
    "a'b",
    'a`b',
  ])('refuses the address %j', async (address) => {
    await expect(read('', address)).rejects.toMatchObject({ code: 'bad-input' })
  })

  it.each(['HostName $(x)', 'HostName -x', 'Port x', 'User a;b', 'ProxyCommand nc %Q', 'User "open'])(
    'refuses %s',
    async (config) => {
      await expect(read(config, 'box')).rejects.toMatchObject({ code: 'bad-input' })
    },
  )
})

describe('includes', () => {
  it('follows globs, relative to .ssh and home, in order', async () => {
    write('conf.d/a.conf', 'Host box\n Port 1\n')
    write('conf.d/b.conf', 'Host box\n Port 2\n User b\n')
    expect(await read('Include conf.d/*.conf\nHost box\n User c', 'box')).toMatchObject({
      port: 1,
      user: 'b',
    })
    expect(await read('Include ~/.ssh/conf.d/b.conf missing', 'box')).toMatchObject({ port: 2 })
  })

  it('counts inside a Host only where that applies', async () => {
    write('conf.d/a.conf', 'User a\nHost box\n Port 1\nHost *\n Port 2\n')
    const config = 'Host box other\n Include conf.d/a.conf\n IdentitiesOnly yes\nHost *\n Port 3\n'
    expect(await read(config, 'box')).toMatchObject({ user: 'a', port: 1, identitiesOnly: true })
    expect(await read(config, 'other')).toMatchObject({ user: 'a', port: 2, identitiesOnly: true })
    expect(await read(config, 'third')).toMatchObject({ user, port: 3, identitiesOnly: false })
  })

  it('refuses includes that multiply', async () => {
    write('conf.d/a.conf', 'Include conf.d/b.conf conf.d/b.conf\n')
    write('conf.d/b.conf', 'Include conf.d/a.conf conf.d/a.conf\n')
    await expect(read('Include conf.d/*.conf', 'box')).rejects.toMatchObject({ code: 'bad-input' })
  })

  it('reads a FIFO that an Include matches as empty, and waits for nobody', async () => {
    execFileSync('mkfifo', [inSsh('conf.d/fifo.conf')])
    expect(await read('Include conf.d/*.conf\nPort 2', 'box')).toMatchObject({ port: 2 })
    rmSync(inSsh('conf.d/fifo.conf'))
  })

  it('refuses circles', async () => {
    write('conf.d/a.conf', 'Include conf.d/a.conf\n')
    await expect(read('Include conf.d/a.conf', 'box')).rejects.toMatchObject({ code: 'bad-input' })
  })
})

describe('aliases', () => {
  it('lists names that are no patterns, with where they lead', async () => {
    write('conf.d/a.conf', 'Host inner\n HostName 10.0.0.2\n Port 2222\n')
    write(
      'config',
      'Include conf.d/a.conf\nHost web web2 *.x !y\n HostName %h.example.com\n User me\nHost bad\n Port x\nHost *\n User all\nMatch host z\n Port 1\n',
    )
    expect(await listSshAliases({ home, helperDirectory: '' })).toEqual([
      { alias: 'inner', hostName: '10.0.0.2', user: 'all', port: 2222 },
      { alias: 'web', hostName: 'web.example.com', user: 'me' },
      { alias: 'web2', hostName: 'web2.example.com', user: 'me' },
    ])
  })

  it('is empty without a configuration', async () => {
    expect(await listSshAliases({ home: '/nonexistent', helperDirectory: '' })).toEqual([])
  })
})

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fingerprint, judgeHostKey, listKeyTypes, matchesName, parseKnownHosts } from './known-hosts.ts'

const folder = mkdtempSync(join(tmpdir(), 'singleton-known-hosts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function makeKey(name: string, type: string): string {
  const path = join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', path])
  return readFileSync(`${path}.pub`, 'utf8').trim()
}
const ed = makeKey('ed', 'ed25519')
const other = makeKey('other', 'ed25519')
const rsa = makeKey('rsa', 'rsa')
const blob = (text: string) => Buffer.from(text.split(' ')[1] ?? '', 'base64')

function hash(text: string): string {
  const path = join(folder, 'to-hash')
  writeFileSync(path, text)
  execFileSync('ssh-keygen', ['-H', '-f', path], { stdio: 'ignore' })
  return readFileSync(path, 'utf8')
}

describe('matching names', () => {
  it.each([
    ['host', 'host', true],
    ['host', 'Host', true],
    ['host', 'host2', false],
    ['a,b,c', 'b', true],
    ['*', 'anything', true],
    ['*.example.com', 'a.example.com', true],
    ['*.example.com', 'example.com', false],
    ['10.0.?.1', '10.0.7.1', true],
    ['10.0.?.1', '10.0.77.1', false],
    ['[host]:2222', '[host]:2222', true],
    ['host', '[host]:2222', false],
    ['[*.example.com]:2222', '[a.example.com]:2222', true],
    ['*.example.com,!bad.example.com', 'bad.example.com', false],
    ['!bad.example.com,*.example.com', 'bad.example.com', false],
    ['*.example.com,!bad.example.com', 'good.example.com', true],
    ['!bad', 'good', false],
    ['[::1]:22', '[::1]:22', true],
    ['*a*b*c*', 'xaxbxcx', true],
    [`${'*a'.repeat(30)}b`, 'a'.repeat(60), false],
    ['', 'host', false],
  ])('%s against %s: %s', (names, name, expected) => {
    expect(matchesName(names, name)).toBe(expected)
  })

  it('finds what ssh-keygen -H has hashed', () => {
    const text = hash(`plain.example.com ${ed}\n[plain.example.com]:2222 ${rsa}\n`)
    const { hosts, malformed } = parseKnownHosts(text)
    expect(malformed).toEqual([])
    expect(hosts.map(({ names }) => names.slice(0, 3))).toEqual(['|1|', '|1|'])
    expect(judgeHostKey(hosts, ['plain.example.com'], blob(ed)).kind).toBe('known')
    expect(judgeHostKey(hosts, ['[plain.example.com]:2222'], blob(rsa)).kind).toBe('known')
    expect(judgeHostKey(hosts, ['other.example.com'], blob(ed)).kind).toBe('unknown')
  })

  it('matches no hash of another kind', () => {
    expect(matchesName('|2|AAAA|BBBB', 'host')).toBe(false)
    expect(matchesName('|1|AAAA', 'host')).toBe(false)
    expect(matchesName('|', 'host')).toBe(false)
  })
})

describe('parsing', () => {
  it('keeps line numbers and markers, and tells lines that are none', () => {
    const text = `# comment\n\nhost ${ed} a comment\r\n  @revoked\t* ${rsa}\n@cert-authority *.x ${ed}\n@unknown h ${ed}\nhost ssh-rsa !!!\nhost ssh-rsa ${ed.split(' ')[1]}\nhost\n`
    const { hosts, malformed } = parseKnownHosts(text)
    expect(hosts.map(({ line, marker, names, keyType }) => [line, marker, names, keyType])).toEqual([
      [3, undefined, 'host', 'ssh-ed25519'],
      [4, 'revoked', '*', 'ssh-rsa'],
      [5, 'cert-authority', '*.x', 'ssh-ed25519'],
    ])
    expect(malformed).toEqual([6, 7, 8, 9])
  })

  it('prints fingerprints as ssh-keygen does', () => {
    const printed = execFileSync('ssh-keygen', ['-lf', join(folder, 'ed.pub')], { encoding: 'utf8' }).split(
      ' ',
    )[1]
    expect(fingerprint(blob(ed))).toBe(printed)
  })
})

describe('finding a host as ssh-keygen -F does', () => {
  const hashed = () => hash(`secret.example.com ${ed}\n`).trim()
  const lines = () => [
    `host ${ed}`,
    `HOST2 ${ed}`,
    `a,b,c ${ed}`,
    `*.example.com ${ed}`,
    `*.example.org,!bad.example.org ${ed}`,
    `!bad.example.net,*.example.net ${ed}`,
    `10.0.?.1 ${ed}`,
    `[port]:2222 ${ed}`,
    `[*.port.example]:2222,[::1]:22 ${ed}`,
    `fe80::1%eth0 ${ed}`,
    `  spaced \t${ed}   comment`,
    `# commented ${ed}`,
    `@revoked revoked ${ed}`,
    `@cert-authority *.ca.example ${ed}`,
    `@unknown marker ${ed}`,
    `nokey`,
    `badkey ssh-ed25519 AAAA`,
    `wrongtype ssh-rsa ${ed.split(' ')[1]}`,
    `carriage ${ed}\r`,
    hashed(),
    `*a*b*c*d* ${ed}`,
  ]
  // ssh-keygen looks at no key, and hashes what it is given; ssh itself makes names lower-case first.
  const names = [
    ...['host', 'HOST', 'host2', 'hos', 'a', 'c', 'd', 'x.example.com', 'example.com', 'good.example.org'],
    ...[
      'bad.example.org',
      'bad.example.net',
      'good.example.net',
      '10.0.7.1',
      '10.0.77.1',
      'port',
      '[port]:2222',
    ],
    ...[
      '[port]:22',
      '[x.port.example]:2222',
      '[::1]:22',
      '::1',
      'fe80::1%eth0',
      'spaced',
      'commented',
      'revoked',
    ],
    ...['x.ca.example', 'marker', 'nokey', 'carriage', 'secret.example.com'],
    ...['xaybzcwdv', 'nobody'],
  ]

  it.each(names)('%s', (name) => {
    const path = join(folder, 'to-search')
    writeFileSync(path, `${lines().join('\n')}\n`)
    const { stdout } = spawnSync('ssh-keygen', ['-F', name, '-f', path], { encoding: 'utf8' })
    const theirs = [...stdout.matchAll(/^# Host .* found: line (\d+)/gm)].map(([, line]) => Number(line))
    const ours = parseKnownHosts(lines().join('\n')).hosts.filter((host) => matchesName(host.names, name))
    expect(ours.map(({ line }) => line)).toEqual(theirs)
  })
})

describe('judging', () => {
  const judge = (text: string, key: string, names = ['host']) =>
    judgeHostKey(parseKnownHosts(text).hosts, names, blob(key))

  it.each([
    ['filed', `host ${ed}`, 'known'],
    ['filed among others', `host ${rsa}\nhost ${ed}`, 'known'],
    ['nothing filed', '', 'unknown'],
    ['another host filed', `other ${ed}`, 'unknown'],
    ['another key of its type filed', `host ${other}`, 'changed'],
    ['only a key of another type filed', `host ${rsa}`, 'changed'],
    ['revoked', `@revoked host ${ed}`, 'revoked'],
    ['filed and revoked', `host ${ed}\n@revoked * ${ed}`, 'revoked'],
    ['revoked for another host', `@revoked elsewhere ${ed}\nhost ${ed}`, 'known'],
    ['another key revoked', `@revoked * ${other}\nhost ${ed}`, 'known'],
    ['an authority with this very key', `@cert-authority host ${ed}`, 'unknown'],
  ])('%s: %s', (_, text, expected) => {
    expect(judge(text, ed).kind).toBe(expected)
  })

  it('lets a name without port vouch for a key, but not speak against it', () => {
    const names = ['[host]:2222', 'host']
    expect(judge(`host ${ed}`, ed, names).kind).toBe('known')
    expect(judge(`host ${other}`, ed, names).kind).toBe('unknown')
    expect(judge(`@revoked host ${ed}`, ed, names).kind).toBe('revoked')
    expect(judge(`[host]:2222 ${other}`, ed, names).kind).toBe('changed')
  })

  it('lists the types that are filed, of the most exact name', () => {
    const { hosts } = parseKnownHosts(`host ${rsa}\n[host]:2222 ${ed}\n@revoked host ${ed}`)
    expect(listKeyTypes(hosts, ['[host]:2222', 'host'])).toEqual(['ssh-ed25519'])
    expect(listKeyTypes(hosts, ['host'])).toEqual(['ssh-rsa'])
    expect(listKeyTypes(hosts, ['nobody'])).toEqual([])
  })
})

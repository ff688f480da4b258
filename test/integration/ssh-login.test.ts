// Logins against real sshd instances: keys, agent, passwords and two factors.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { rootAt, runOver, type ShellRequest } from '../beds/sshd/connect.ts'
import { makeSshHome, type Person, personWho, type SshHome } from '../beds/sshd/ssh-home.ts'
import { makeKey, run, type Sshd, startSshd } from '../beds/sshd/start-sshd.ts'

const PASSWORD = 'correct horse battery'
const PASSPHRASE = 'pass phrase'
let home: SshHome
let stranger: SshHome
let keys: Sshd
let passwords: Sshd

beforeAll(async () => {
  home = makeSshHome()
  stranger = makeSshHome()
  const locked = makeKey(home.file('locked'), 'ed25519', PASSPHRASE)
  const rsa = makeKey(home.file('id_rsa_own'), 'rsa', PASSPHRASE)
  const ecdsa = makeKey(home.file('ecdsa_own'), 'ecdsa')
  keys = await startSshd({ authorizedKeys: [home.publicKey, locked, rsa, ecdsa] })
  passwords = await startSshd({
    authorizedKeys: [home.publicKey],
    password: PASSWORD,
    config: ['PasswordAuthentication yes', 'AuthenticationMethods password', 'MaxAuthTries 10'],
  })
  for (const one of [home, stranger]) {
    one.trust(keys)
    one.trust(passwords)
  }
})
afterAll(async () => {
  await keys?.stop()
  await passwords?.stop()
  home?.remove()
  stranger?.remove()
})
beforeEach(() => home.write('config', ''))

type Attempt = Partial<Pick<ShellRequest, 'home' | 'agentSocket'>> & { readonly address?: string }

async function login(person: Person, { address = rootAt(keys), ...from }: Attempt = {}) {
  const { said, steps, log } = await runOver(address, `printf 'singleton:who=%s\\n' "$(id -un)"`, {
    home,
    person,
    ...from,
  })
  return { who: said.get('who')?.[0], log: [...steps, ...log] }
}

describe('keys', () => {
  it('logs in with a usual key, and asks nothing', async () => {
    const person = personWho()
    expect(await login(person)).toMatchObject({ who: 'root' })
    expect(person.questions).toEqual([])
  })

  it('says what was tried when no key fits', async () => {
    const problem = await login(personWho(), { home: stranger }).catch((error: unknown) => error)
    expect(problem).toMatchObject({ code: 'authentication-failed' })
    const { message } = problem as Error
    expect(message).toContain(rootAt(keys))
    expect(message).toContain(stranger.file('id_ed25519'))
    expect(message).toContain('the host accepts publickey')
  })

  it.each(['locked', 'id_rsa_own'])('asks up to three times for the passphrase of %s', async (name) => {
    home.write('config', `IdentityFile ~/.ssh/${name}\nIdentitiesOnly yes\n`)
    const person = personWho('wrong', 'wrong too', PASSPHRASE)
    expect(await login(person)).toMatchObject({ who: 'root' })
    expect(person.questions).toEqual(
      [1, 2, 3].map((attempt) => ({
        kind: 'passphrase',
        address: rootAt(keys),
        user: 'root',
        text: home.file(name),
        echo: false,
        attempt,
      })),
    )
  })

  it('says so when the host has seen enough keys', async () => {
    const strict = await startSshd({ authorizedKeys: [], config: ['MaxAuthTries 1'] })
    try {
      home.trust(strict)
      home.write('config', 'IdentityFile ~/.ssh/ecdsa_own\nIdentityFile ~/.ssh/id_ed25519\n')
      await expect(login(personWho(), { address: rootAt(strict) })).rejects.toMatchObject({
        code: 'authentication-failed',
        message: expect.stringContaining('Too many authentication failures'),
      })
    } finally {
      await strict.stop()
    }
  })

  it('never mentions a secret, and keeps to three tries', async () => {
    home.write('config', 'IdentityFile ~/.ssh/locked\nIdentitiesOnly yes\n')
    const person = personWho('secret-1', 'secret-2', 'secret-3', 'secret-4')
    const problem = await login(person).catch((error: unknown) => error)
    expect(problem).toMatchObject({ code: 'authentication-failed' })
    expect(person.questions).toHaveLength(3)
    expect(JSON.stringify(problem) + (problem as Error).stack).not.toMatch(/secret-\d/)
  })

  it('stops when a passphrase is cancelled', async () => {
    home.write('config', 'IdentityFile ~/.ssh/locked\n')
    await expect(login(personWho('cancel'))).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('does not ask for the passphrase of a key that the host would not take', async () => {
    makeKey(stranger.file('other'), 'ed25519', PASSPHRASE)
    stranger.write('config', 'IdentityFile ~/.ssh/other\n')
    const person = personWho()
    await expect(login(person, { home: stranger })).rejects.toMatchObject({ code: 'authentication-failed' })
    expect(person.questions).toEqual([])
    stranger.write('config', '')
  })

  it('logs in with an ecdsa key', async () => {
    home.write('config', 'IdentityFile ~/.ssh/ecdsa_own\nIdentitiesOnly yes\n')
    expect(await login(personWho())).toMatchObject({ who: 'root' })
  })

  it('names keys and certificates that cannot be used', async () => {
    stranger.write('sk', securityKey())
    stranger.write('config', 'IdentityFile ~/.ssh/sk\nIdentityFile ~/.ssh/id_ed25519\n')
    run('ssh-keygen', [
      '-q',
      '-s',
      home.file('id_ed25519'),
      '-I',
      'me',
      '-n',
      'root',
      stranger.file('id_ed25519.pub'),
    ])
    const problem = await login(personWho(), { home: stranger }).catch((error: unknown) => error)
    expect((problem as Error).message).toContain(`${stranger.file('sk')} (security keys`)
    expect((problem as Error).message).toContain('id_ed25519-cert.pub (certificates')
    stranger.write('config', '')
  })
})

/** A private key file of a type that ssh2 does not know. */
function securityKey(): string {
  const string = (value: string | Buffer) => {
    const bytes = Buffer.from(value as string)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([length, bytes])
  }
  const type = 'sk-ssh-ed25519@openssh.com'
  const pub = Buffer.concat([string(type), string(Buffer.alloc(32, 7)), string('ssh:')])
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    string('none'),
    string('none'),
    string(''),
    Buffer.from([0, 0, 0, 1]),
    string(pub),
    string(Buffer.concat([Buffer.alloc(8), string(type), Buffer.alloc(64)])),
  ])
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
}

describe('agent', () => {
  const socket = () => join(home.path, 'agent')
  let agent: ReturnType<typeof spawn>

  beforeAll(async () => {
    agent = spawn('ssh-agent', ['-D', '-a', socket()], { stdio: 'ignore' })
    await vi.waitUntil(() => addKeys(home.file('id_ed25519')), { timeout: 60_000 })
  })
  afterAll(() => {
    agent?.kill()
  })

  function addKeys(...paths: string[]): boolean {
    try {
      run('env', [`SSH_AUTH_SOCK=${socket()}`, 'ssh-add', '-q', ...paths])
      return true
    } catch {
      return false
    }
  }

  it('logs in with a key that only the agent holds', async () => {
    expect(await login(personWho(), { home: stranger, agentSocket: socket() })).toMatchObject({ who: 'root' })
  })

  it('keeps to the named keys with IdentitiesOnly, and IdentityAgent none', async () => {
    for (const line of ['IdentitiesOnly yes', 'IdentityAgent none']) {
      stranger.write('config', `${line}\n`)
      const attempt = login(personWho(), { home: stranger, agentSocket: socket() })
      await expect(attempt).rejects.toMatchObject({ code: 'authentication-failed' })
    }
    stranger.write('config', `IdentityAgent ${socket()}\n`)
    expect(await login(personWho(), { home: stranger })).toMatchObject({ who: 'root' })
    stranger.write('config', '')
  })

  it('uses a public key file to pick a key of the agent', async () => {
    writeFileSync(stranger.file('picked.pub'), readFileSync(home.file('id_ed25519.pub')))
    stranger.write('config', 'IdentityFile ~/.ssh/picked.pub\nIdentitiesOnly yes\n')
    expect(await login(personWho(), { home: stranger, agentSocket: socket() })).toMatchObject({ who: 'root' })
    stranger.write('config', '')
  })

  it('says when there is no agent at the socket, and goes on', async () => {
    const { who, log } = await login(personWho(), { agentSocket: join(home.path, 'no-agent') })
    expect(who).toBe('root')
    expect(log.join('\n')).toMatch(/cannot ask the SSH agent/)
  })
})

describe('passwords', () => {
  it('asks up to three times, naming host and user', async () => {
    const person = personWho('wrong', 'wrong too', PASSWORD)
    expect(await login(person, { address: rootAt(passwords) })).toMatchObject({ who: 'root' })
    expect(person.questions).toEqual(
      [1, 2, 3].map((attempt) => ({
        kind: 'password',
        address: rootAt(passwords),
        user: 'root',
        text: '',
        echo: false,
        attempt,
      })),
    )
  })

  it('ends after three wrong ones', async () => {
    const person = personWho('wrong', 'wrong', 'wrong', PASSWORD)
    const attempt = login(person, { address: rootAt(passwords) })
    await expect(attempt).rejects.toMatchObject({ code: 'authentication-failed' })
    expect(person.questions).toHaveLength(3)
  })

  it('ends at once when cancelled', async () => {
    const person = personWho('cancel')
    await expect(login(person, { address: rootAt(passwords) })).rejects.toMatchObject({ code: 'cancelled' })
    expect(person.questions).toHaveLength(1)
  })
})

describe('two factors', () => {
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd({
      authorizedKeys: [home.publicKey],
      password: PASSWORD,
      config: [
        'UsePAM yes',
        'KbdInteractiveAuthentication yes',
        'AuthenticationMethods publickey,keyboard-interactive',
      ],
      prepare: [
        `printf 'auth required pam_unix.so nodelay\\naccount required pam_unix.so\\nsession required pam_permit.so\\n' >$folder/pam`,
        'mount --bind $folder/pam /etc/pam.d/sshd',
      ],
    })
    home.trust(sshd)
  })
  afterAll(() => sshd?.stop())

  it('asks what the host asks after the key', async () => {
    const person = personWho('wrong', PASSWORD)
    expect(await login(person, { address: rootAt(sshd) })).toMatchObject({ who: 'root' })
    expect(person.questions).toMatchObject([
      { kind: 'keyboard-interactive', text: expect.stringContaining('Password'), echo: false, attempt: 1 },
      { kind: 'keyboard-interactive', attempt: 2 },
    ])
  })

  it('ends when cancelled', async () => {
    await expect(login(personWho('cancel'), { address: rootAt(sshd) })).rejects.toMatchObject({
      code: 'cancelled',
    })
  })
})

// Host keys against real sshd instances: what is trusted, asked for, refused, and in which words.
import { readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fingerprint } from '../../src/main/ssh/known-hosts.ts'
import { rootAt, runOver } from '../beds/sshd/connect.ts'
import { makeSshHome, type Person, personWho, type SshHome } from '../beds/sshd/ssh-home.ts'
import { makeKey, run, type Sshd, startSshd } from '../beds/sshd/start-sshd.ts'

let home: SshHome
let sshd: Sshd

beforeAll(async () => {
  home = makeSshHome()
  sshd = await startSshd({ authorizedKeys: [home.publicKey], hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] })
})
afterAll(async () => {
  await sshd?.stop()
  home?.remove()
})
beforeEach(() => {
  home.write('known_hosts', '')
  home.write('config', '')
})

async function connect(person: Person, address = rootAt(sshd)) {
  const script = `printf 'singleton:who=%s\\n' "$(id -un)"`
  const { said, log } = await runOver(address, script, { home, person })
  return { who: said.get('who')?.[0], log }
}

const name = () => `[127.0.0.1]:${sshd.port}`
const blob = (text: string) => Buffer.from(text.split(' ')[1] ?? '', 'base64')

describe('host keys', () => {
  it('trusts a key that is filed, without a question', async () => {
    home.trust(sshd)
    const person = personWho()
    expect(await connect(person)).toMatchObject({ who: 'root' })
    expect(person.questions).toEqual([])
  })

  it('asks for an unknown key with its SHA256 fingerprint, files it, and does not ask again', async () => {
    const person = personWho('accept')
    await connect(person)
    const expected = run('ssh-keygen', ['-lf', `${sshd.folder}/host_ed25519.pub`]).split(' ')[1]
    expect(person.questions).toEqual([
      { kind: 'host-key', address: name(), keyType: 'ssh-ed25519', fingerprint: expected },
    ])
    expect(readFileSync(home.file('known_hosts'), 'utf8')).toBe(`${name()} ${sshd.hostKey()}\n`)
    expect(statSync(home.file('known_hosts')).mode & 0o777).toBe(0o600)
    expect(run('ssh-keygen', ['-F', name(), '-f', home.file('known_hosts')])).toContain('found')
    const second = personWho()
    await connect(second)
    expect(second.questions).toEqual([])
  })

  it('refuses when the person does not accept, before any authentication', async () => {
    const before = sshd.log().length
    await expect(connect(personWho('cancel'))).rejects.toMatchObject({ code: 'host-key-unknown' })
    expect(readFileSync(home.file('known_hosts'), 'utf8')).toBe('')
    expect(sshd.log().slice(before)).not.toMatch(/publickey|userauth/i)
  })

  it('refuses a changed key with both fingerprints and the way out, and asks nobody', async () => {
    const other = makeKey(home.file(`other-${Date.now()}`))
    home.write('known_hosts', `${name()} ${other}\n`)
    const person = personWho('accept')
    const problem = await connect(person).catch((error: unknown) => error)
    expect(problem).toMatchObject({ code: 'host-key-changed' })
    const { message, remedy } = problem as { message: string; remedy: string }
    expect(message).toContain(fingerprint(blob(other)))
    expect(message).toContain(fingerprint(blob(sshd.hostKey())))
    expect(remedy).toContain(`ssh-keygen -R '${name()}'`)
    expect(person.questions).toEqual([])
    // The way out works.
    run('ssh-keygen', ['-R', name(), '-f', home.file('known_hosts')])
    await connect(personWho('accept'))
  })

  it('finds hashed names', async () => {
    home.trust(sshd)
    run('ssh-keygen', ['-H', '-f', home.file('known_hosts')])
    expect(readFileSync(home.file('known_hosts'), 'utf8')).toMatch(/^\|1\|/)
    const person = personWho()
    expect(await connect(person)).toMatchObject({ who: 'root' })
    expect(person.questions).toEqual([])
  })

  it('refuses a revoked key even where it is filed', async () => {
    home.trust(sshd)
    home.write('known_hosts', `@revoked * ${sshd.hostKey()}\n${name()} ${sshd.hostKey()}\n`)
    await expect(connect(personWho('accept'))).rejects.toMatchObject({ code: 'host-key-revoked' })
  })

  it('says that certificate authorities are not supported, and asks', async () => {
    home.write('known_hosts', `@cert-authority * ${sshd.hostKey('rsa')}\n`)
    const person = personWho('accept')
    const { log } = await connect(person)
    expect(person.questions).toHaveLength(1)
    expect(log.join('\n')).toMatch(/certificates are not supported/)
  })

  it.each(['ed25519', 'ecdsa', 'rsa'])(
    'asks the host for the %s key when that is the one filed',
    async (type) => {
      home.write('known_hosts', `${name()} ${sshd.hostKey(type)}\n`)
      const person = personWho()
      expect(await connect(person)).toMatchObject({ who: 'root' })
      expect(person.questions).toEqual([])
    },
  )

  it('follows StrictHostKeyChecking, HostKeyAlias and UserKnownHostsFile', async () => {
    const config = `Host strict\n HostName 127.0.0.1\n Port ${sshd.port}\n User root\n StrictHostKeyChecking yes\nHost eager\n HostName 127.0.0.1\n Port ${sshd.port}\n User root\n StrictHostKeyChecking accept-new\n HostKeyAlias box\n UserKnownHostsFile ~/.ssh/%n.hosts\n`
    home.write('config', config)
    const person = personWho()
    await expect(connect(person, 'strict')).rejects.toMatchObject({ code: 'host-key-unknown' })
    expect(await connect(person, 'eager')).toMatchObject({ who: 'root' })
    expect(readFileSync(home.file('eager.hosts'), 'utf8')).toBe(`box ${sshd.hostKey()}\n`)
    expect(person.questions).toEqual([])
  })
})

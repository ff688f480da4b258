// A host that offers keys it does not hold, changes its key, or offers algorithms that nobody should take.
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { openShell } from '../beds/sshd/connect.ts'
import {
  type HostileOptions,
  type HostileServer,
  makeHostKey,
  startHostileServer,
} from '../beds/sshd/hostile-server.ts'
import { makeSshHome, personWho } from '../beds/sshd/ssh-home.ts'

const home = makeSshHome()
const knownHosts = home.file('known_hosts')
let server: HostileServer
afterEach(() => server.close())
afterAll(() => home.remove())

async function start(options: HostileOptions = {}): Promise<HostileServer> {
  home.write('known_hosts', '')
  server = await startHostileServer(options)
  return server
}

const accepting = () => personWho('accept')
const filed = () => (existsSync(knownHosts) ? readFileSync(knownHosts, 'utf8') : '')

describe('keys that a host does not hold', () => {
  it('files a new key only once the host has proven to hold it', async () => {
    await start()
    const { shell } = await openShell(server.address, { home, person: accepting() })
    expect(filed()).toContain(server.name)
    await shell.close()
  })

  it('files no copied key, though it was accepted, and says nothing to such a host', async () => {
    await start()
    server.claim(makeHostKey().publicKey)
    const person = accepting()
    await expect(openShell(server.address, { home, person })).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('did not prove that it holds the host key'),
    })
    expect(person.questions).toHaveLength(1)
    expect(filed()).toBe('')
    expect(server.attempts).toEqual([])
  })

  it('survives a host that hangs up while its key is looked at', async () => {
    await start()
    const person = personWho('accept')
    const ask: typeof person.ask = async (question) => {
      // Closed once the workbench has seen the end, however busy this machine is.
      const closed = server.connections.map((connection) => once(connection, 'close'))
      for (const connection of server.connections) connection.end()
      await Promise.all(closed)
      return await person.ask(question)
    }
    const opening = openShell(server.address, { home, person: { ...person, ask } })
    await expect(opening).rejects.toMatchObject({ code: expect.stringMatching(/disconnected|protocol/) })
    await setTimeout(100)
    expect(filed()).toBe('')
  })

  it('does not let a copied key pass for the filed one', async () => {
    const copied = makeHostKey().publicKey
    await start()
    server.claim(copied)
    home.write('known_hosts', `${server.name} ecdsa-sha2-nistp256 ${copied.toString('base64')}\n`)
    await expect(openShell(server.address, { home })).rejects.toMatchObject({ code: 'protocol' })
    expect(server.attempts).toEqual([])
  })

  it('cuts off a host that shows another key when keys are exchanged anew', async () => {
    await start()
    const { shell } = await openShell(server.address, { home, person: accepting() })
    const before = filed()
    server.changeKey()
    server.connections[0]?.rekey()
    expect(await shell.closed).toMatchObject({ code: 'host-key-changed' })
    expect(filed()).toBe(before)
  })

  it('goes on with a host that shows the same key again', async () => {
    await start()
    const person = accepting()
    const { shell } = await openShell(server.address, { home, person })
    const rekeyed = new Promise<void>((resolve) => server.connections[0]?.rekey(() => resolve()))
    await rekeyed
    expect(person.questions).toHaveLength(1)
    await shell.close()
  })

  it('refuses a key that RevokedHostKeys names, and every key where that file cannot be read', async () => {
    await start()
    home.write('config', `RevokedHostKeys ${home.file('revoked')}\n`)
    const opening = () => openShell(server.address, { home, person: accepting() })
    await expect(opening()).rejects.toMatchObject({ code: 'not-permitted' })
    home.write('revoked', '')
    await (await opening()).shell.close()
    const [, type, key] = filed().split(/\s+/)
    home.write('revoked', `# gone\n${type} ${key}\n`)
    await expect(opening()).rejects.toMatchObject({ code: 'host-key-revoked' })
    home.write('revoked', 'SSHKRL\n\0')
    await expect(opening()).rejects.toMatchObject({ code: 'not-supported' })
    home.write('config', '')
  })
})

describe('algorithms', () => {
  it.each([
    ['a MAC with SHA-1', { cipher: ['aes128-ctr'], hmac: ['hmac-sha1', 'hmac-sha1-etm@openssh.com'] }, /MAC/],
    ['a key exchange with SHA-1', { kex: ['diffie-hellman-group14-sha1'] }, /key exchange/],
    ['compression before the login', { compress: ['zlib'] }, /compression/],
  ] as const)('takes no %s', async (_, algorithms, reason) => {
    await start({ algorithms: algorithms as unknown as NonNullable<HostileOptions['algorithms']> })
    await expect(openShell(server.address, { home, person: accepting() })).rejects.toMatchObject({
      message: expect.stringMatching(reason),
    })
    expect(filed()).toBe('')
    expect(server.attempts).toEqual([])
  })
})

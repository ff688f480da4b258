// Configurations that people had and that could not be connected with, each with the answer of ssh -G.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readDestination } from './destination.ts'

const home = mkdtempSync(join(tmpdir(), 'singleton-cases-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
mkdirSync(join(home, '.ssh/config.d/folder'), { recursive: true })
const write = (name: string, text: string) => writeFileSync(join(home, '.ssh', name), text, { mode: 0o600 })
const read = (config: string, address: string) => {
  write('config', config)
  return readDestination({ home, systemConfig: '' }, address)
}

it('takes a # inside a word for a part of it', async () => {
  const { user } = await read('User anna@root#corp@kvm01 # comment', 'kvm01')
  expect(user).toBe('anna@root#corp@kvm01')
})

it('reads past a folder that an Include matches', async () => {
  write('config.d/10.conf', 'Port 2222\n')
  expect(await read('Include config.d/*\nUser me', 'kvm01')).toMatchObject({
    port: 2222,
    user: 'me',
    notes: [],
  })
})

it('leaves out an included file that others can write to, and says so', async () => {
  write('config.d/20.conf', 'ProxyCommand evil\n')
  chmodSync(join(home, '.ssh/config.d/20.conf'), 0o666)
  const found = await read('Include config.d/*\nUser me', 'kvm01')
  expect(found).toMatchObject({ port: 2222, user: 'me', route: { kind: 'direct' } })
  expect(found.notes).toEqual([expect.stringContaining('20.conf: other users can write to it')])
})

it('keeps the zone of a link-local address', async () => {
  const address = 'fe80::74f8:52ff:fe00:4%eth1'
  expect((await read('', address)).hostName).toBe(address)
  expect((await read('', `me@[${address}]:2222`)).hostKeyNames[0]).toBe(`[${address}]:2222`)
  expect((await read('HostName fe80::74f8:52ff:fe00:4%%eth1', 'kvm01')).hostName).toBe(address)
})

it('reads times with units', async () => {
  expect(await read('ConnectTimeout 1m\nServerAliveInterval 30s', 'kvm01')).toMatchObject({
    connectTimeoutMs: 60_000,
    aliveIntervalMs: 30_000,
  })
  expect(await read('ConnectTimeout 1h30m', 'kvm01')).toMatchObject({ connectTimeoutMs: 5_400_000 })
})

it('goes by the real name of a host where everything is read twice', async () => {
  const config = 'Host kvm01\n HostName kvm01.example\nHost *.example\n ProxyJump gate\n User root\n'
  expect(await read(config, 'kvm01')).toMatchObject({ route: { kind: 'direct' } })
  const twice = await read(`${config}Match final\n Port 2222`, 'kvm01')
  expect(twice).toMatchObject({ user: 'root', port: 2222, route: { kind: 'jump', hops: ['gate'] } })
})

it('lets a later line set a time that an earlier one left open', async () => {
  const config = 'ConnectTimeout none\nConnectTimeout 5\nServerAliveInterval none\nServerAliveInterval 7'
  expect(await read(config, 'kvm01')).toMatchObject({ connectTimeoutMs: 5000, aliveIntervalMs: 7000 })
})

it('includes by the globs of OpenSSH, which are not those of the shell', async () => {
  rmSync(join(home, '.ssh/config.d/20.conf'))
  write('config.d/30.conf', 'Port 3000\n')
  expect(await read('Include config.d/[[:digit:]]0.conf', 'kvm01')).toMatchObject({ port: 2222 })
  expect(await read('Include config.d/[^1]0.conf', 'kvm01')).toMatchObject({ port: 2222 })
  expect(await read('Include config.d/[!1]0.conf', 'kvm01')).toMatchObject({ port: 3000 })
})

it('reads a user in ssh:// as URLs have it, also in ProxyJump', async () => {
  const jump = await read('ProxyJump "gate",ssh://anna%40corp@second:23/', 'ssh://me%40corp@kvm01:2222/')
  expect(jump).toMatchObject({ user: 'me@corp', hostName: 'kvm01', port: 2222 })
  expect(jump.route).toEqual({ kind: 'jump', hops: ['gate', 'anna@corp@second:23'] })
  await expect(read('', 'ssh://me%4@kvm01')).rejects.toMatchObject({ code: 'bad-input' })
})

it('lets no mark of an editor turn the lines of the first Host into those of all hosts', async () => {
  expect(await read('\uFEFFHost other\n User you\n', 'kvm01')).not.toMatchObject({ user: 'you' })
})

it('asks for no password where none is wanted', async () => {
  expect(await read('NumberOfPasswordPrompts 0', 'kvm01')).toMatchObject({ secretAttempts: 0 })
})

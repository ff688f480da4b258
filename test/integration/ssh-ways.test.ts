// The ways to a host over real sshd: through jump hosts, by ProxyCommand, to one that is not there, and the channels of one.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { runScript } from '../../src/main/helper-link/run-script.ts'
import { findFreePort } from '../beds/free-port.ts'
import { never, openShell, rootAt, runOver } from '../beds/sshd/connect.ts'
import { fileSshd } from '../beds/sshd/file-sshd.ts'
import { type Person, personWho } from '../beds/sshd/ssh-home.ts'
import { startSshd } from '../beds/sshd/start-sshd.ts'

const host = fileSshd()
beforeEach(() => host.home.write('config', ''))

async function login(person: Person, address: string) {
  const { said, steps } = await runOver(address, `printf 'singleton:who=%s\\n' "$(id -un)"`, {
    home: host.home,
    person,
  })
  return { who: said.get('who')?.[0], steps }
}

describe('through other hosts', () => {
  it('checks each hop of a ProxyJump under its own name', async () => {
    const inner = await startSshd({ authorizedKeys: [host.home.publicKey] })
    try {
      const config = (jump: string) =>
        `Host jump\n HostName 127.0.0.1\n Port ${host.sshd.port}\n User root\nHost inner\n HostName 127.0.0.1\n Port ${inner.port}\n User root\n ProxyJump ${jump}\n`
      host.home.write('config', config('jump'))
      const person = personWho('accept')
      const { who, steps } = await login(person, 'inner')
      expect(who).toBe('root')
      expect(person.questions).toMatchObject([{ kind: 'host-key', address: `[127.0.0.1]:${inner.port}` }])
      expect(steps).toContain(`connecting to root@127.0.0.1:${inner.port} through ${rootAt(host.sshd)}`)
      host.home.write('config', config(`jump,root@127.0.0.1:${host.sshd.port}`))
      expect(await login(personWho(), 'inner')).toMatchObject({ who: 'root' })
      // A hop whose key has changed stops it all.
      const hosts = readFileSync(host.home.file('known_hosts'), 'utf8')
      host.home.write('known_hosts', `${hosts.replace(host.sshd.hostKey(), inner.hostKey())}`)
      await expect(login(personWho(), 'inner')).rejects.toMatchObject({
        code: 'host-key-changed',
      })
      host.home.write('known_hosts', hosts)
    } finally {
      await inner.stop()
    }
  })

  it('says when a jump host cannot reach the other one, and when hops go in circles', async () => {
    const port = await findFreePort()
    host.home.write(
      'config',
      `Host inner\n HostName 127.0.0.1\n Port ${port}\n ProxyJump ${rootAt(host.sshd)}\nHost round\n HostName 127.0.0.1\n ProxyJump round\n`,
    )
    await expect(login(personWho(), 'inner')).rejects.toMatchObject({ code: 'unreachable' })
    await expect(login(personWho(), 'round')).rejects.toMatchObject({ code: 'bad-input' })
  })

  it('runs a ProxyCommand with its tokens', async () => {
    const relay = `const s=require('net').connect(Number(process.argv[3]),process.argv[2]);process.stdin.pipe(s).pipe(process.stdout)`
    writeFileSync(join(host.home.path, 'relay.cjs'), relay)
    host.home.write(
      'config',
      `Host inner\n HostName 127.0.0.1\n Port ${host.sshd.port}\n User root\n ProxyCommand "${process.execPath}" ${host.home.path}/relay.cjs %h %p\n`,
    )
    expect(await login(personWho(), 'inner')).toMatchObject({ who: 'root' })
    host.home.write(
      'config',
      `Host inner\n HostName 127.0.0.1\n Port ${host.sshd.port}\n ProxyCommand echo no way >&2; exit 3\n`,
    )
    await expect(login(personWho(), 'inner')).rejects.toMatchObject({ code: 'disconnected' })
  })
})

describe('a host itself', () => {
  it('tells refused connections and unknown names apart', async () => {
    const address = `127.0.0.1:${await findFreePort()}`
    await expect(login(personWho(), address)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('refused'),
    })
    await expect(login(personWho(), 'no-such-host.invalid')).rejects.toMatchObject({
      code: 'unreachable',
    })
  })

  it('gives each program a channel of its own, and queues beyond what sshd allows', async () => {
    const { shell } = await openShell(rootAt(host.sshd), { home: host.home })
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        runScript(shell, `sleep 0.1; printf 'singleton:n=%s\\n' ${index}`, never),
      ),
    )
    expect(results.map(({ said }) => Number(said.get('n')?.[0]))).toEqual(
      Array.from({ length: 30 }, (_, index) => index),
    )
    await shell.close()
  })

  it('hears all that programs say, also where the workbench is held up', async () => {
    const { shell } = await openShell(rootAt(host.sshd), { home: host.home })
    // Reply, output, status and end of a program then come in one piece.
    const holdUp = setInterval(() => {
      const until = performance.now() + 250
      while (performance.now() < until);
    }, 5)
    try {
      const results = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          runScript(shell, `printf 'singleton:n=%s\\n' ${index}; exit ${index}`, never),
        ),
      )
      expect(results.map(({ said, status }) => [Number(said.get('n')?.[0]), status.code])).toEqual(
        Array.from({ length: 30 }, (_, index) => [index, index]),
      )
    } finally {
      clearInterval(holdUp)
    }
    await shell.close()
  })
})

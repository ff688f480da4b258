// The helper link over real sshd: deployment, hostile peers, and how a link ends.
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type HelperLink,
  openHelperLink,
  uninstallHelperFrom,
} from '../../src/main/helper-link/helper-link.ts'
import { runScript } from '../../src/main/helper-link/run-script.ts'
import { connectSsh } from '../../src/main/ssh/connection.ts'
import { privateVarTmp } from '../sshd/private-tmp.ts'
import { makeSshHome, personWho, type SshHome } from '../sshd/ssh-home.ts'
import { type Behaviour, buildStandIn, type StandIn } from '../sshd/stand-in-helper.ts'
import { type Sshd, startSshd } from '../sshd/start-sshd.ts'

let home: SshHome
let sshd: Sshd
const open = new Set<{ close(): Promise<void> }>()
const standIns = new Set<StandIn>()

beforeAll(async () => {
  home = makeSshHome()
  sshd = await startSshd({
    authorizedKeys: [home.publicKey],
    prepare: privateVarTmp,
  })
  home.trust(sshd)
})
afterAll(async () => {
  await sshd?.stop()
  home?.remove()
})
afterEach(async () => {
  for (const link of open) await link.close()
  open.clear()
  for (const standIn of standIns) standIn.remove()
  standIns.clear()
})

interface Opened extends HelperLink {
  readonly steps: string[]
  readonly log: string[]
}

function standInOf(behaviour: Behaviour): StandIn {
  const standIn = buildStandIn(behaviour)
  standIns.add(standIn)
  return standIn
}

async function openLink(
  standIn: StandIn,
  { address = `root@127.0.0.1:${sshd.port}`, readOnly = true, signal = new AbortController().signal } = {},
): Promise<Opened> {
  const steps: string[] = []
  const log: string[] = []
  const link = await openHelperLink({
    address,
    readOnly,
    ask: personWho().ask,
    onStep: (step) => steps.push(step),
    onLog: (_, text) => log.push(text),
    signal,
    environment: { home: home.path, helperDirectory: standIn.directory },
  })
  open.add(link)
  return { hello: link.hello, call: link.call, closed: link.closed, close: link.close, steps, log }
}

async function runOnHost(script: string, on = sshd) {
  const never = new AbortController().signal
  const shell = await connectSsh(`root@127.0.0.1:${on.port}`, {
    source: { home: home.path },
    ask: personWho().ask,
    onStep: () => undefined,
    onLog: () => undefined,
    signal: never,
  })
  try {
    return await runScript(shell, script, never)
  } finally {
    await shell.close()
  }
}

const cache = () => join(sshd.home, '.cache/singleton-workbench')
const isUpload = (step: string) => step.startsWith('uploading helper')

describe('deploying', () => {
  it('uploads once, with mode 700 in a folder per build, and then only runs it', async () => {
    const standIn = standInOf('honest')
    const first = await openLink(standIn)
    expect(first.steps.some(isUpload)).toBe(true)
    expect(first.hello).toMatchObject({ readOnly: true, uid: 0 })
    const installed = join(cache(), standIn.digest, 'singleton-helper')
    expect(statSync(installed).mode & 0o7777).toBe(0o700)
    expect(statSync(join(cache(), standIn.digest)).mode & 0o7777).toBe(0o700)
    expect(readdirSync(join(cache(), standIn.digest))).toEqual(['singleton-helper'])
    expect(existsSync(join(cache(), '.lock'))).toBe(false)
    await first.close()
    const second = await openLink(standIn, { readOnly: false })
    expect(second.steps.some(isUpload)).toBe(false)
    expect(second.hello.readOnly).toBe(false)
  })

  it('gives the helper an environment of its own, with the SSH connection in it', async () => {
    const { hello } = await openLink(standInOf('honest'))
    const environment = JSON.parse(hello.limits[0] ?? '{}')
    expect(environment.SSH_CONNECTION).toContain('127.0.0.1')
    expect(Object.keys(environment).filter((name) => name.startsWith('BUN'))).toEqual([])
  })

  it('installs anew, once, when what lies there is something else', async () => {
    const standIn = standInOf('honest')
    const folder = join(cache(), standIn.digest)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(
      join(folder, 'singleton-helper'),
      '#!/bin/sh\necho singleton-helper 1 deadbeefdeadbeef\ncat\n',
      { mode: 0o700 },
    )
    const link = await openLink(standIn)
    expect(link.steps.filter((step) => step === 'starting the helper')).toHaveLength(2)
    expect(link.steps.some(isUpload)).toBe(true)
  })

  it('does not run a helper that others could have replaced', async () => {
    const standIn = standInOf('honest')
    const folder = join(cache(), standIn.digest)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, 'singleton-helper'), '#!/bin/sh\nexit 9\n', { mode: 0o777 })
    await runOnHost(`chmod 777 /root/.cache/singleton-workbench/${standIn.digest}`)
    const link = await openLink(standIn)
    expect(link.steps.some(isUpload)).toBe(true)
  })

  it('takes the next place where programs may not be run, or the disk is full, and says which', async () => {
    const standIn = standInOf('honest')
    const tiny = 'size=4k'
    for (const [mount, reason] of [
      ['noexec', /\.cache\/singleton-workbench: programs may not be run there/],
      [tiny, /\.cache\/singleton-workbench: .*(free|space)/i],
    ] as const) {
      // The namespace of the running sshd: a mount made over SSH stays there.
      await runOnHost(`mkdir -p /root/.cache && mount -t tmpfs -o ${mount} tmpfs /root/.cache`)
      const link = await openLink(standIn)
      expect(link.log.join('\n')).toMatch(reason)
      expect(link.log.join('\n')).toContain('/var/tmp/singleton-workbench-0')
      await link.close()
      await runOnHost('umount /root/.cache; rm -rf /var/tmp/singleton-workbench-0')
    }
  })

  it('waits for another workbench that installs, and takes over a lock whose owner is gone', async () => {
    const standIn = standInOf('honest')
    await runOnHost(
      `mkdir -p /root/.cache/singleton-workbench/.lock; chmod 700 /root/.cache/singleton-workbench; echo "999999 $(cat /proc/sys/kernel/random/boot_id)" >/root/.cache/singleton-workbench/.lock/owner`,
    )
    const after = await openLink(standIn)
    expect(after.steps.some(isUpload)).toBe(true)
    await after.close()
    const other = standInOf('honest')
    await runOnHost(
      `mkdir /root/.cache/singleton-workbench/.lock; (echo "$$ $(cat /proc/sys/kernel/random/boot_id)" >/root/.cache/singleton-workbench/.lock/owner)`,
    )
    const [one, two] = await Promise.all([openLink(other), openLink(other)])
    expect([one, two].flatMap(({ steps }) => steps).some(isUpload)).toBe(true)
    expect(existsSync(join(cache(), '.lock'))).toBe(false)
  })

  it('leaves nothing behind after uninstalling', async () => {
    const standIn = standInOf('honest')
    await (await openLink(standIn)).close()
    const removed = await uninstallHelperFrom({
      address: `root@127.0.0.1:${sshd.port}`,
      readOnly: true,
      ask: personWho().ask,
      onStep: () => undefined,
      onLog: () => undefined,
      signal: new AbortController().signal,
      environment: { home: home.path, helperDirectory: standIn.directory },
    })
    expect(removed).toContain('/root/.cache/singleton-workbench')
    expect(existsSync(cache())).toBe(false)
  })

  it('says what is missing where nothing is built', async () => {
    const standIn = standInOf('honest')
    standIn.remove()
    await expect(openLink(standIn)).rejects.toMatchObject({
      code: 'not-found',
      remedy: expect.stringContaining('build:helper'),
    })
  })
})

describe('how a link ends', () => {
  it('resolves closed with the signal when the helper is killed, and rejects what waits', async () => {
    const standIn = standInOf('deaf')
    const link = await openLink(standIn)
    const pending = link.call('sample', {})
    const rejected = expect(pending).rejects.toMatchObject({ code: 'disconnected' })
    await runOnHost(
      `for p in /proc/[0-9]*; do case $(tr '\\0' ' ' <$p/cmdline) in *${standIn.digest}/[s]ingleton-helper*serve*) kill -KILL \${p#/proc/};; esac; done 2>/dev/null`,
    )
    const problem = await link.closed
    expect(problem).toMatchObject({
      code: 'disconnected',
      message: expect.stringContaining('signal SIGKILL'),
    })
    await rejected
    await expect(link.call('ksm/status', {})).rejects.toBe(problem)
  })

  it('resolves closed when the connection is lost', async () => {
    const own = await startSshd({ authorizedKeys: [home.publicKey] })
    try {
      home.trust(own)
      const link = await openLink(standInOf('deaf'), { address: `root@127.0.0.1:${own.port}` })
      const pending = expect(link.call('sample', {})).rejects.toMatchObject({ code: 'disconnected' })
      await own.stop()
      const message = expect.stringContaining('lost the connection')
      expect(await link.closed).toMatchObject({ code: 'disconnected', message })
      await pending
    } finally {
      await own.stop()
    }
  })

  it('notices a host that falls silent by its keepalives', async () => {
    const own = await startSshd({ authorizedKeys: [home.publicKey] })
    try {
      home.trust(own)
      home.write(
        'config',
        `Host silent\n HostName 127.0.0.1\n Port ${own.port}\n User root\n ServerAliveInterval 1\n`,
      )
      const standIn = standInOf('honest')
      const link = await openLink(standIn, { address: 'silent' })
      const pending = expect(link.call('sample', {})).rejects.toMatchObject({ code: 'disconnected' })
      // The sshd of this session stops as if the host slept; ending the fixture ends it too.
      const find = `for p in /proc/[0-9]*; do case $(tr '\\0' ' ' <$p/cmdline) in *${standIn.digest}/[s]ingleton-helper*serve*) kill -STOP $(sed 's/.*) . \\([0-9]*\\).*/\\1/' $p/stat);; esac; done 2>/dev/null`
      await runOnHost(find, own)
      expect(await link.closed).toMatchObject({
        code: 'disconnected',
        message: expect.stringContaining('no longer answers keepalives'),
      })
      await pending
    } finally {
      home.write('config', '')
      await own.stop()
    }
  })

  it('ends on request, and by its signal, without leaving a process', async () => {
    const standIn = standInOf('honest')
    const controller = new AbortController()
    const link = await openLink(standIn, { signal: controller.signal })
    controller.abort()
    expect(await link.closed).toMatchObject({ code: 'cancelled' })
    const again = await openLink(standIn)
    await again.close()
    expect(await again.closed).toMatchObject({ code: 'cancelled' })
    const left = async () => {
      const { said } = await runOnHost(
        `for p in /proc/[0-9]*; do case $(tr '\\0' ' ' <$p/cmdline) in *${standIn.digest}/[s]ingleton-helper*serve*) printf 'singleton:left=%s\\n' $p;; esac; done 2>/dev/null`,
      )
      return said.get('left')
    }
    await expect.poll(left, { timeout: 10_000 }).toBeUndefined()
  })

  it('can be cancelled while it connects', async () => {
    const controller = new AbortController()
    const opening = openLink(standInOf('silent'), { signal: controller.signal })
    setTimeout(() => controller.abort(), 500)
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('hostile peers', () => {
  it('skips login noise up to 64 KiB', async () => {
    expect((await openLink(standInOf('noisy'))).hello.version).toBe('0.0.0')
  })

  it('skips what the login shell prints, and a banner', async () => {
    const own = await startSshd({
      authorizedKeys: [home.publicKey],
      config: [`Banner ${home.file('banner')}`],
    })
    try {
      home.write('banner', 'Keep \u001b[31mout\u001b[0m\n')
      home.trust(own)
      const bashrc = join(own.home, '.bashrc')
      writeFileSync(bashrc, 'echo Welcome back; head -c 30000 /dev/zero | tr "\\0" x; echo; echo oops >&2\n')
      const link = await openLink(standInOf('honest'), { address: `root@127.0.0.1:${own.port}` })
      expect(link.hello.version).toBe('0.0.0')
      expect(link.log.join('\n')).toContain('Keep ')
      expect(link.log.join('\n')).not.toMatch(/[^\P{Cc}\n]/u)
      await link.close()
      writeFileSync(bashrc, 'yes\n')
      const opening = openLink(standInOf('honest'), { address: `root@127.0.0.1:${own.port}` })
      await expect(opening).rejects.toMatchObject({ code: 'protocol' })
    } finally {
      await own.stop()
    }
  })

  it.each([
    ['endless-noise', 'protocol', /64 KiB/],
    ['wrong-digest', 'protocol', /build deadbeefdeadbeef/],
    ['wrong-protocol', 'protocol', /protocol 999/],
    ['ends-at-once', 'system', /exit code 3/],
    ['silent', 'timed-out', /within 15 s/],
  ] as const)('%s: no link, but a Problem', async (behaviour, code, message) => {
    const opening = openLink(standInOf(behaviour))
    await expect(opening).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it.each([
    ['oversize-frame', 'protocol', /68719476736/],
    ['half-frame', 'disconnected', /exit code 0|middle of a frame/],
    ['invalid-json', 'protocol', /JSON/i],
    ['no-rpc', 'protocol', /neither/],
    ['flood', 'protocol', /floods/],
  ] as const)('%s: the request and the link end with a Problem', async (behaviour, code, message) => {
    const link = await openLink(standInOf(behaviour))
    const pending = link.call('sample', {}).catch((error: unknown) => error)
    const problem = await link.closed
    expect(problem.message).toMatch(message)
    expect(['protocol', code]).toContain(problem.code)
    expect(await pending).toBe(problem)
  })

  it('wrong types: the request fails, the link stays', async () => {
    const link = await openLink(standInOf('wrong-types'))
    await expect(link.call('sample', {})).rejects.toMatchObject({ code: 'protocol' })
    expect(await link.call('audit/list', { limit: 1 })).toEqual([])
  })

  it('a helper that stops reading: requests time out, and its link is cut before memory fills', async () => {
    const link = await openLink(standInOf('deaf'))
    await expect(link.call('sample', {}, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'timed-out' })
    const images = Array.from({ length: 250 }, () => `/${'x'.repeat(4000)}`)
    const calls = Array.from({ length: 120 }, () =>
      link.call('page-cache/plan', { images }).catch((error: unknown) => error),
    )
    expect(await link.closed).toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('does not read'),
    })
    for (const outcome of await Promise.all(calls)) expect(outcome).toMatchObject({ code: 'protocol' })
  })

  it('strips control characters from its log', async () => {
    const { log } = await openLink(standInOf('control-characters'))
    await expect.poll(() => log.join('\n')).toContain('red and bell')
    expect(log.join('\n')).not.toMatch(/\p{Cc}(?<!\n)/u)
  })
})

describe('this machine', () => {
  it('is the same link without SSH', async () => {
    const standIn = standInOf('honest')
    const link = await openLink(standIn, { address: 'local' })
    expect(link.hello.host.hostname).toBe('stand-in')
    expect(link.steps.some(isUpload)).toBe(false)
    await link.close()
    expect(await link.closed).toMatchObject({ code: 'cancelled' })
  })
})

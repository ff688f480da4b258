// How a link to a helper ends, over real sshd: killed, lost, silent, on request; and the same without SSH.
import { describe, expect, it } from 'vitest'
import { rootAt, runOver } from '../beds/sshd/connect.ts'
import { standInHost } from '../beds/sshd/stand-in-host.ts'

const host = standInHost()

describe('how a link ends', () => {
  it('resolves closed with the signal when the helper is killed, and rejects what waits', async () => {
    const standIn = host.standIn('deaf')
    const link = await host.link(standIn)
    const pending = link.call('sample', {})
    const rejected = expect(pending).rejects.toMatchObject({ code: 'disconnected' })
    await host.run(
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
    await host.withSshd({}, async (own) => {
      const link = await host.link(host.standIn('deaf'), { address: rootAt(own) })
      const pending = expect(link.call('sample', {})).rejects.toMatchObject({ code: 'disconnected' })
      await own.stop()
      const message = expect.stringContaining('lost the connection')
      expect(await link.closed).toMatchObject({ code: 'disconnected', message })
      await pending
    })
  })

  it('notices a host that falls silent by its keepalives', async () => {
    await host.withSshd({}, async (own) => {
      host.home.write(
        'config',
        `Host silent\n HostName 127.0.0.1\n Port ${own.port}\n User root\n ServerAliveInterval 1\n`,
      )
      const standIn = host.standIn('deaf')
      const link = await host.link(standIn, { address: 'silent' })
      const pending = expect(link.call('sample', {})).rejects.toMatchObject({ code: 'disconnected' })
      // The sshd of this session stops as if the host slept; ending the fixture ends it too.
      const find = `for p in /proc/[0-9]*; do case $(tr '\\0' ' ' <$p/cmdline) in *${standIn.digest}/[s]ingleton-helper*serve*) kill -STOP $(sed 's/.*) . \\([0-9]*\\).*/\\1/' $p/stat);; esac; done 2>/dev/null`
      await runOver(rootAt(own), find, { home: host.home })
      expect(await link.closed).toMatchObject({
        code: 'disconnected',
        message: expect.stringContaining('no longer answers keepalives'),
      })
      await pending
      host.home.write('config', '')
    })
  })

  it('ends on request, and by its signal, without leaving a process', async () => {
    const standIn = host.standIn('honest')
    const controller = new AbortController()
    const link = await host.link(standIn, { signal: controller.signal })
    controller.abort()
    expect(await link.closed).toMatchObject({ code: 'cancelled' })
    const again = await host.link(standIn)
    await again.close()
    expect(await again.closed).toMatchObject({ code: 'cancelled' })
    const left = async () => {
      const { said } = await host.run(
        `for p in /proc/[0-9]*; do case $(tr '\\0' ' ' <$p/cmdline) in *${standIn.digest}/[s]ingleton-helper*serve*) printf 'singleton:left=%s\\n' $p;; esac; done 2>/dev/null`,
      )
      return said.get('left')
    }
    await expect.poll(left).toBeUndefined()
  })

  it('can be cancelled while it connects', async () => {
    const controller = new AbortController()
    const opening = host.link(host.standIn('silent'), { signal: controller.signal })
    setTimeout(() => controller.abort(), 500)
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('this machine', () => {
  it('is the same link without SSH', async () => {
    const standIn = host.standIn('honest')
    const link = await host.link(standIn, { address: 'local' })
    expect(link.hello.host.hostname).toBe('stand-in')
    expect(link.steps.filter((step) => step.startsWith('uploading'))).toEqual([])
    await link.close()
    expect(await link.closed).toMatchObject({ code: 'cancelled' })
  })
})

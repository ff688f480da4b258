// Hosts that say too much, nothing, or nonsense over real sshd: each ends in a Problem.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rootAt } from '../beds/sshd/connect.ts'
import { standInHost } from '../beds/sshd/stand-in-host.ts'

const host = standInHost()

describe('hostile peers', () => {
  it('skips login noise up to 64 KiB', async () => {
    expect((await host.link(host.standIn('noisy'))).hello.version).toBe('0.0.0')
  })

  it('skips what the login shell prints, and a banner', async () => {
    const config = [`Banner ${host.home.file('banner')}`]
    await host.withSshd({ config }, async (own) => {
      host.home.write('banner', 'Keep \u001b[31mout\u001b[0m\n')
      const bashrc = join(own.home, '.bashrc')
      writeFileSync(bashrc, 'echo Welcome back; head -c 30000 /dev/zero | tr "\\0" x; echo; echo oops >&2\n')
      const link = await host.link(host.standIn('honest'), { address: rootAt(own) })
      expect(link.hello.version).toBe('0.0.0')
      expect(link.log.join('\n')).toContain('Keep ')
      expect(link.log.join('\n')).not.toMatch(/[^\P{Cc}\n]/u)
      await link.close()
      writeFileSync(bashrc, 'yes\n')
      const opening = host.link(host.standIn('honest'), { address: rootAt(own) })
      await expect(opening).rejects.toMatchObject({ code: 'protocol' })
    })
  })

  it.each([
    ['endless-noise', 'protocol', /64 KiB/],
    ['wrong-digest', 'protocol', /build deadbeefdeadbeef/],
    ['wrong-protocol', 'protocol', /protocol 999/],
    ['ends-at-once', 'system', /exit code 3/],
  ] as const)('%s: no link, but a Problem', async (behaviour, code, message) => {
    const opening = host.link(host.standIn(behaviour))
    await expect(opening).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('silent: no link, but a Problem once its time is over', async () => {
    const opening = host.link(host.standIn('silent'), { preambleTimeoutMs: 500 })
    const message = expect.stringContaining('did not identify itself within 0.5 s')
    await expect(opening).rejects.toMatchObject({ code: 'timed-out', message })
  })

  it.each([
    ['oversize-frame', 'protocol', /68719476736/],
    ['half-frame', 'disconnected', /exit code 0|middle of a frame/],
    ['invalid-json', 'protocol', /JSON/i],
    ['no-rpc', 'protocol', /neither/],
    ['flood', 'protocol', /floods/],
  ] as const)('%s: the request and the link end with a Problem', async (behaviour, code, message) => {
    const link = await host.link(host.standIn(behaviour))
    const pending = link.call('sample', {}).catch((error: unknown) => error)
    const problem = await link.closed
    expect(problem.message).toMatch(message)
    expect(['protocol', code]).toContain(problem.code)
    expect(await pending).toBe(problem)
  })

  it('wrong types: the request fails, the link stays', async () => {
    const link = await host.link(host.standIn('wrong-types'))
    await expect(link.call('sample', {})).rejects.toMatchObject({ code: 'protocol' })
    expect(await link.call('audit/list', { limit: 1 })).toEqual([])
  })

  it('a helper that stops reading: requests time out, and its link is cut before memory fills', async () => {
    const link = await host.link(host.standIn('deaf'))
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
    const { log } = await host.link(host.standIn('control-characters'))
    await expect.poll(() => log.join('\n')).toContain('red and bell')
    expect(log.join('\n')).not.toMatch(/\p{Cc}(?<!\n)/u)
  })
})

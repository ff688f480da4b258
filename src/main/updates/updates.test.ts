import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { updateFeed } from '../../shared/contract/updates.ts'
import { isNewer, parseFeed } from './read-feed.ts'
import { Updates } from './updates.ts'

describe('versions', () => {
  it.each([
    ['0.2.0', '0.1.0', true],
    ['0.10.0', '0.9.9', true],
    ['1.0.0', '0.99.99', true],
    ['0.1.0', '0.1.0', false],
    ['0.1.0', '0.1.1', false],
  ])('%s is newer than %s: %s', (one, than, expected) => {
    expect(isNewer(one, than)).toBe(expected)
  })

  it.each([
    ['{"version":"1.2.3"}', { version: '1.2.3' }],
    ['{"tag_name":"v1.2.3","html_url":"https://x/y","assets":[]}', { version: '1.2.3', page: 'https://x/y' }],
  ])('are read from %s', (text, release) => {
    expect(parseFeed(text)).toEqual(release)
  })

  it.each(['', 'null', '{}', '{"version":"latest"}', '{"version":"1.2.3; rm"}', '<html>'])(
    'are not read from %j',
    (text) => {
      expect(() => parseFeed(text)).toThrow('names no version')
    },
  )

  it.each([
    ['https://example.org/latest.json', true],
    ['http://127.0.0.1:8080/latest.json', true],
    ['http://example.org/latest.json', false],
    ['file:///etc/passwd', false],
    ['latest', false],
  ])('are asked for at %s: %s', (feed, expected) => {
    expect(updateFeed.safeParse(feed).success).toBe(expected)
  })
})

describe('updates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-updates-'))
  const asked: string[] = []
  let server: Server
  let at: string
  beforeAll(async () => {
    server = createServer(({ url = '' }, response) => {
      asked.push(url)
      if (url === '/moved') response.writeHead(302, { location: '/new' }).end()
      else if (url === '/endless') response.end('x'.repeat(300 * 1024))
      else if (url === '/gone') response.writeHead(404).end()
      else response.end('{"version":"0.2.0","page":"https://example.org/0.2.0"}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  const open = () => new Updates({ dataDirectory: folder, version: '0.1.0', onProblem: vi.fn() })

  it('ask nobody until an address is named', async () => {
    const updates = open()
    await updates.start()
    expect(updates.status()).toEqual({ current: '0.1.0' })
    expect(asked).toEqual([])
    expect(existsSync(join(folder, 'updates.json'))).toBe(false)
    updates.close()
  })

  it('tell a newer version, also after a restart, and fetch nothing else', async () => {
    const first = open()
    const newer = { version: '0.2.0', page: 'https://example.org/0.2.0' }
    expect(await first.follow(`${at}/latest`)).toMatchObject({ newer })
    first.close()
    const second = open()
    await second.start()
    await vi.waitFor(() => expect(second.status().newer).toEqual(newer), { timeout: 10_000 })
    expect([...new Set(asked)]).toEqual(['/latest'])
    second.close()
  })

  it.each([
    ['/moved', 'redirect'],
    ['/endless', 'too long'],
    ['/gone', 'status 404'],
  ])('say why an answer at %s cannot be used', async (path, reason) => {
    const updates = open()
    const { newer, problem } = await updates.follow(`${at}${path}`)
    expect(newer).toBeUndefined()
    expect(problem?.message).toContain(reason)
    expect(asked).not.toContain('/new')
    updates.close()
  })

  it('stop asking when told to, and ask nobody for what a broken file says', async () => {
    const updates = open()
    expect(await updates.follow(undefined)).toEqual({ current: '0.1.0' })
    updates.close()
    writeFileSync(join(folder, 'updates.json'), '{"version":1,"feed":"http://example.org/"}')
    const count = asked.length
    const next = open()
    await next.start()
    expect(next.status().feed).toBeUndefined()
    expect(asked).toHaveLength(count)
    next.close()
  })
})

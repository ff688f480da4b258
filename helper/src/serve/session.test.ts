import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node'
import { hostContract } from '../../../src/shared/contract/host-contract.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { callContract } from '../../../src/shared/rpc.ts'
import { createRandom } from '../../../src/shared/statistics/random.ts'
import { makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import { randomMessage } from '../../../test/fuzz/random-messages.ts'
import type { MeasuredGuest } from '../ksm/potential.ts'
import { TreeAnchor } from '../ksm/tree-anchor.ts'
import { MapKeeper } from '../memory-map/map-keeper.ts'
import { encodeFrame, maxFrameBytes } from './frames.ts'
import { hostHandlers, type Scans } from './handlers.ts'
import { serveSession } from './session.ts'

interface Opened {
  readonly input: PassThrough
  readonly output: PassThrough
  readonly ended: Promise<number>
  readonly logged: string[]
  readonly stop: AbortController
  readonly host: ReturnType<typeof makeFixtureHost>
  readonly abortedScans: unknown[]
}

function open(readOnly: boolean): Opened {
  const host = makeFixtureHost('linux-6.18')
  const input = new PassThrough()
  const output = new PassThrough()
  const logged: string[] = []
  const stop = new AbortController()
  const abortedScans: unknown[] = []
  const scan: Scans['assess'] = ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        abortedScans.push(signal.reason)
        reject(signal.reason)
      })
    })
  const refuse = async () => {
    throw new Problem('not-supported', 'cannot do it in this test')
  }
  const measure = async () => {
    const guests = new Map<number, MeasuredGuest>()
    return { bytes: 2 ** 30, savedBytes: 0, residentBytes: 2 ** 32, measuredAtSeconds: 1, guests }
  }
  const handlers = hostHandlers({
    maps: new MapKeeper(),
    context: host.context,
    scans: { hello: refuse, assess: scan, scrub: refuse, sampleContents: refuse, readCapacity: refuse },
    sampler: { takeSample: refuse, forgetMerging: () => undefined },
    policies: {
      ...{ preview: refuse, start: refuse, stop: refuse },
      status: async () => ({ ended: 'x'.repeat(maxFrameBytes) }),
    },
    service: { status: refuse, install: refuse, upgrade: refuse, rollback: refuse, remove: refuse },
    burstTools: { measure, anchor: new TreeAnchor(() => undefined), giveBack: refuse },
    onKsmChange: () => undefined,
    onBurst: () => undefined,
  })
  const log = (line: string) => logged.push(line)
  const options = { input, output, buildDigest: 'd1', handlers, readOnly, log, signal: stop.signal }
  const ended = serveSession(options).finally(() => host.remove())
  return { input, output, ended, logged, stop, host, abortedScans }
}

/** Reads the preamble, then speaks the contract. */
async function connect(session: Opened) {
  let preamble = ''
  while (!preamble.endsWith('\n')) {
    const byte: Buffer | null = session.output.read(1)
    if (byte === null) await new Promise((resolve) => session.output.once('readable', resolve))
    else preamble += byte.toString()
  }
  const reader = new StreamMessageReader(session.output)
  const connection = createMessageConnection(reader, new StreamMessageWriter(session.input))
  connection.listen()
  return { preamble, call: callContract(connection, hostContract) }
}

/** Of the methods that need some. */
const changeParams: Readonly<Record<string, object>> = {
  'ksm/merge': { guest: 1, merge: false },
  'policies/start': { policy: {} },
}

describe('a session', () => {
  it('starts with the preamble and answers', async () => {
    const session = open(false)
    const { preamble, call } = await connect(session)
    expect(preamble).toBe('singleton-helper 1 d1\n')
    expect(await call('ksm/status', {})).toMatchObject({ settings: { run: 0 } })
    expect(await call('ksm/start', {})).toMatchObject({ settings: { run: 1 } })
    await expect(call('sample', {})).rejects.toMatchObject({ code: 'not-supported' })
    await expect(call('audit/list', { limit: -1 })).rejects.toMatchObject({ code: 'bad-input' })
    expect(await call('audit/list', { limit: 5 })).toHaveLength(1)
    session.input.end()
    expect(await session.ended).toBe(0)
  })

  it('refuses every change when read-only, before the handler', async () => {
    const session = open(true)
    const { call } = await connect(session)
    const changes = Object.entries(hostContract).filter(([, { effect }]) => effect === 'change')
    expect(changes.length).toBeGreaterThan(4)
    for (const [name] of changes) {
      const params = changeParams[name] ?? {}
      await expect(call(name as 'ksm/stop', params as Record<string, never>)).rejects.toMatchObject({
        code: 'read-only',
      })
    }
    expect(await call('audit/list', { limit: 5 })).toEqual([])
    session.stop.abort()
    expect(await session.ended).toBe(0)
  })

  it('answers with a Problem where the answer is longer than a frame may be, and goes on', async () => {
    const session = open(false)
    const { call } = await connect(session)
    await expect(call('policies/status', {})).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringMatching(/the answer has 8388\d{3} bytes, and one may have 8388608/),
    })
    expect(await call('ksm/status', {})).toMatchObject({ settings: { run: 0 } })
    session.stop.abort()
    await session.ended
  })

  it('lets heavy work take turns, cancels it, and cancels it at the end', async () => {
    const session = open(false)
    const { call } = await connect(session)
    const first = new AbortController()
    const steps: string[] = []
    const running = call('assess', {}, { signal: first.signal })
    const waiting = call('assess', {}, { onProgress: ({ step }) => steps.push(step) })
    await expect.poll(() => steps).toEqual(['waiting for other work on this host'])
    first.abort()
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
    await expect.poll(() => session.abortedScans.length).toBe(1)
    session.input.end()
    expect(await session.ended).toBe(0)
    expect(session.abortedScans).toHaveLength(2)
    await Promise.race([waiting, session.ended])
  })

  it('ends with code 3 on a frame that is too large or no frame at all', async () => {
    for (const bytes of [
      `Content-Length: ${maxFrameBytes + 1}\r\n\r\n`,
      'x'.repeat(9000),
      'Content-Length: 2\r\n\r\n{]',
    ]) {
      const session = open(false)
      session.input.write(bytes)
      expect(await session.ended).toBe(3)
      expect(session.logged.join()).toContain('cannot read from the peer')
    }
  })

  it('survives thousands of random messages and changes nothing', async () => {
    const session = open(true)
    const random = createRandom(7)
    const before = session.host.readAll()
    session.output.resume()
    for (let count = 0; count < 5000; count += 1) {
      if (!session.input.write(encodeFrame(randomMessage(random)))) {
        await new Promise((resolve) => session.input.once('drain', resolve))
      }
    }
    session.input.write(encodeFrame({ jsonrpc: '2.0', id: 'last', method: 'ksm/status', params: {} }))
    let seen = ''
    session.output.on('data', (chunk) => {
      seen = `${seen}${chunk}`.slice(-100_000)
    })
    await expect.poll(() => seen.includes('"id":"last"'), { timeout: 20_000 }).toBe(true)
    expect(session.host.readAll()).toEqual(before)
    session.input.end()
    expect(await session.ended).toBe(0)
  }, 30_000)

  it('stops reading from a peer that does not read', async () => {
    const session = open(true)
    const flood = encodeFrame({ jsonrpc: '2.0', id: 1, method: 'x'.repeat(200), params: {} })
    let written = 0
    while (written < 20_000 && session.input.write(flood)) written += 1
    for (let id = 0; id < 5000; id += 1) {
      session.input.write(encodeFrame({ jsonrpc: '2.0', id, method: 'ksm/status', params: {} }))
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(session.output.readableLength + session.output.writableLength).toBeLessThan(5 * 2 ** 20)
    expect(session.input.isPaused()).toBe(true)
    session.stop.abort()
    await session.ended
  }, 20_000)
})

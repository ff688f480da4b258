import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import { Problem } from '../../shared/problem.ts'
import { createRandom } from '../../shared/statistics/random.ts'
import { PeerGuard, type PeerLimits, type Preamble, peerLimits } from './peer-guard.ts'

const digest = 'a'.repeat(64)
const preambleLine = `singleton-helper 1 ${digest}\n`
const unhurried: PeerLimits = { ...peerLimits, burstFrames: 1e9, framesPerSecond: 1e9, burstBytes: 1e12 }

interface Outcome {
  readonly preambles: Preamble[]
  readonly passed: Buffer[]
  error: Error | undefined
}

function watch(guard: PeerGuard, preambles: Preamble[]): Outcome {
  const outcome: Outcome = { preambles, passed: [], error: undefined }
  guard.on('data', (chunk: Buffer) => outcome.passed.push(chunk))
  guard.on('error', (error) => {
    outcome.error = error
  })
  return outcome
}

async function feed(chunks: readonly (string | Buffer)[], limits: PeerLimits = peerLimits): Promise<Outcome> {
  const preambles: Preamble[] = []
  const guard = new PeerGuard('host', (preamble) => preambles.push(preamble), limits)
  const outcome = watch(guard, preambles)
  const ended = new Promise<void>((resolve) => guard.once('close', () => resolve()))
  for (const chunk of chunks) if (!guard.destroyed) guard.write(chunk)
  if (!guard.destroyed) guard.end()
  await ended
  return outcome
}

const frame = (body: string) => `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const said = (outcome: Outcome) => outcome.passed.map((body) => frame(body.toString())).join('')

describe('the preamble', () => {
  it.each([
    ['alone', preambleLine],
    ['after noise', `Welcome\nLast login\n${preambleLine}`],
    [
      'after noise that looks like it',
      `x singleton-helper 1 ${digest}\nsingleton-helper x y\n${preambleLine}`,
    ],
    ['with a carriage return', preambleLine.replace('\n', '\r\n')],
    ['after 64 KiB less a little', `${'x'.repeat(65_000)}\n${preambleLine}`],
  ])('is found %s, however it is cut', async (_, text) => {
    for (const size of [text.length, 7]) {
      const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []
      const outcome = await feed([...pieces, frame('{}')])
      expect(outcome.preambles).toEqual([{ protocol: 1, digest }])
      expect(said(outcome)).toBe(frame('{}'))
    }
  })

  it.each([
    ['one line', 'x'.repeat(70_000)],
    ['many lines', 'x\n'.repeat(40_000)],
    ['empty lines', '\n'.repeat(70_000)],
  ])('must come within 64 KiB: %s', async (_, noise) => {
    const { error, preambles } = await feed([noise, preambleLine])
    expect(error).toMatchObject({ code: 'protocol', message: expect.stringContaining('64 KiB') })
    expect(preambles).toEqual([])
  })
})

describe('frames', () => {
  it.each([
    ['too large', 'Content-Length: 8388609\r\n\r\n', /8388609/],
    ['of 60 MiB', `Content-Length: ${60 * 1024 * 1024}\r\n\r\n`, /62914560/],
    ['absurdly large', `Content-Length: 9${'0'.repeat(14)}\r\n\r\n`, /limit/],
    ['more digits than a number has', `Content-Length: ${'9'.repeat(40)}\r\n\r\n`, /usable/],
    ['negative', 'Content-Length: -1\r\n\r\n', /usable/],
    ['of nothing', 'Content-Length: 0\r\n\r\n', /usable/],
    ['hexadecimal', 'Content-Length: 0x10\r\n\r\n', /usable/],
    ['twice', 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n', /usable/],
    ['missing', 'Content-Type: x\r\n\r\n', /usable/],
    ['no header', 'hello there, this is no header\r\n\r\n', /malformed/],
    ['an endless header', 'x'.repeat(2000), /no frame header/],
    ['cut in the header', 'Content-Le', /middle/],
    ['cut in the body', 'Content-Length: 10\r\n\r\n{', /middle/],
  ])('%s: cut off', async (_, text, message) => {
    const { error } = await feed([preambleLine, text])
    expect(error).toBeInstanceOf(Problem)
    expect(error).toMatchObject({ code: 'protocol', message: expect.stringMatching(message) })
  })

  it('come through with another header beside the length', async () => {
    const outcome = await feed([
      preambleLine,
      'content-length: 2\r\nContent-Type: x; charset=utf-8\r\n\r\n{}',
    ])
    expect(outcome.error).toBeUndefined()
    expect(said(outcome)).toBe(frame('{}'))
  })

  it('may not flood', async () => {
    const limits = { ...peerLimits, burstFrames: 100, framesPerSecond: 10 }
    expect((await feed([preambleLine, frame('{}').repeat(90)], limits)).error).toBeUndefined()
    const { error } = await feed([preambleLine, frame('{}').repeat(200)], limits)
    expect(error).toMatchObject({ code: 'protocol', message: expect.stringContaining('floods') })
  })

  it('may not flood with large frames either', async () => {
    const limits = { ...peerLimits, burstBytes: 10_000, bytesPerSecond: 1 }
    const body = frame(`"${'x'.repeat(2998)}"`)
    expect((await feed([preambleLine, body.repeat(3)], limits)).error).toBeUndefined()
    const { error } = await feed([preambleLine, body.repeat(4)], limits)
    expect(error).toMatchObject({ code: 'protocol', message: expect.stringContaining('floods') })
  })

  it('hold no more memory than they have bytes, though each byte comes alone', { timeout: 60_000 }, () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const bytes = 2 ** 18
    const guard = new PeerGuard('host', () => undefined)
    guard.write(`${preambleLine}Content-Length: ${bytes}\r\n\r\n`)
    collect()
    const before = process.memoryUsage()
    for (let sent = 1; sent < bytes; sent += 1) guard.write(Buffer.alloc(1))
    collect()
    const after = process.memoryUsage()
    const grown = after.heapUsed - before.heapUsed + after.external - before.external
    expect(grown).toBeLessThan(32 * bytes)
    guard.destroy()
  })

  it('may not stop in the middle', async () => {
    const guard = new PeerGuard('host', () => undefined, { ...peerLimits, stallMs: 30 })
    const outcome = watch(guard, [])
    guard.write(preambleLine)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(outcome.error).toBeUndefined()
    guard.write('Content-Length: 10\r\n\r\n{')
    await expect.poll(() => outcome.error).toMatchObject({ code: 'protocol' })
  })
})

describe('fuzz', () => {
  it('passes 100,000 frames on unchanged, cut anywhere', { timeout: 60_000 }, async () => {
    const { below: random } = createRandom(1)
    for (let session = 0; session < 50; session += 1) {
      const bodies = Array.from({ length: 2000 }, (_, id) =>
        JSON.stringify({ jsonrpc: '2.0', id, result: 'ü'.repeat(random(20)) }),
      )
      const guard = new PeerGuard('host', () => undefined, unhurried)
      const received: string[] = []
      guard.on('data', (body: Buffer) => received.push(body.toString()))
      const all = Buffer.from(preambleLine + bodies.map(frame).join(''))
      for (let at = 0; at < all.length; ) {
        const size = 1 + random(random(10) === 0 ? 30_000 : 300)
        if (!guard.write(all.subarray(at, at + size)))
          await new Promise((resolve) => guard.once('drain', resolve))
        at += size
      }
      await vi.waitUntil(() => received.length === bodies.length, { timeout: 10_000, interval: 5 })
      expect(received).toEqual(bodies)
    }
  })

  it('ends 120,000 damaged frames in a protocol Problem or lets them through', {
    timeout: 60_000,
  }, async () => {
    const { below: random } = createRandom(2)
    const counts = { ended: 0, passed: 0 }
    for (let session = 0; session < 6000; session += 1) {
      const text = Buffer.from(preambleLine + frame(`{"id":${session}}`).repeat(20))
      for (let damage = random(4); damage > 0; damage -= 1) text[random(text.length)] = random(256)
      const cut = random(text.length)
      const outcome = await feed([text.subarray(0, cut), text.subarray(cut)], unhurried)
      if (outcome.error === undefined) counts.passed += 1
      else {
        counts.ended += 1
        expect(outcome.error).toMatchObject({ name: 'Problem', code: 'protocol' })
      }
    }
    expect(counts.ended).toBeGreaterThan(1000)
    expect(counts.passed).toBeGreaterThan(1000)
  })
})

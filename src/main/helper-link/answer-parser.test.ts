import { Readable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import type { Message } from 'vscode-jsonrpc/node'
import { most } from '../../shared/contract/bounded.ts'
import { AnswerParser } from './answer-parser.ts'
import { arrayAt, cutArrays, pieceItems } from './answer-pieces.ts'
import { FrameReader, maxParsedHereBytes } from './frame-reader.ts'

const parser = new AnswerParser()
const zeros = {
  residentBeforeBytes: 0,
  residentAfterBytes: 0,
  evictedBytes: 0,
  keptDirtyBytes: 0,
  keptUniqueBytes: 0,
}
const entry = (index: number) => ({
  at: index,
  who: 'root',
  from: 'x'.repeat(100),
  action: 'scrub',
  outcome: 'done',
})
const answerOf = (result: unknown) => Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 7, result }))
const audit = new Map([[7, 'audit/list']])

async function read(bodies: readonly Buffer[], methods = new Map(audit)) {
  const messages: Message[] = []
  const parsed: object[] = []
  const broken: string[] = []
  const frames = Readable.from(bodies)
  new FrameReader({
    frames,
    parser,
    methods,
    onParsed: (result) => parsed.push(result),
    onBroken: (reason) => broken.push(reason),
  }).listen((message) => messages.push(message))
  await new Promise((resolve) => frames.once('close', resolve))
  await expect.poll(() => messages.length + broken.length).toBeGreaterThanOrEqual(Math.min(1, bodies.length))
  return { messages, parsed, broken, methods }
}

describe('cutArrays', () => {
  it('takes out long lists, and leaves what is needed to put them back', () => {
    const long = Array.from({ length: 3 * pieceItems + 1 }, (_, index) => ({ index }))
    const value = { a: { b: long, c: [1, 2] }, d: [{ e: long }] }
    const { rest, cut } = cutArrays(value)
    expect(rest).toEqual({ a: { b: [], c: [1, 2] }, d: [{ e: [] }] })
    expect(cut.map(({ path }) => path.join('.'))).toEqual(['a.b', 'd.0.e'])
    for (const { path, items } of cut) arrayAt(rest, path).push(...items)
    expect(rest).toEqual(value)
  })
})

describe('FrameReader', () => {
  it('has large answers parsed elsewhere, whole and in order, and never by main itself', async () => {
    const entries = Array.from({ length: most.auditEntries }, (_, index) => entry(index))
    const small = Buffer.from(JSON.stringify({ jsonrpc: '2.0', method: 'later', params: {} }))
    const parse = vi.spyOn(JSON, 'parse')
    const { messages, parsed, broken, methods } = await read([answerOf(entries), small])
    const parsedHere = parse.mock.calls.map(([text]) => text.length)
    parse.mockRestore()
    expect(broken).toEqual([])
    await expect.poll(() => messages.length).toBe(2)
    expect(messages).toEqual([
      { jsonrpc: '2.0', id: 7, result: entries },
      { jsonrpc: '2.0', method: 'later', params: {} },
    ])
    expect(parsed).toEqual([entries])
    expect(methods.size).toBe(0)
    expect(Math.max(...parsedHere)).toBeLessThanOrEqual(maxParsedHereBytes)
  })

  it('answers with a Problem where a large answer breaks the contract, and the link stays', async () => {
    const tooMany = Array.from({ length: most.auditEntries + 1 }, (_, index) => entry(index))
    const { messages, parsed, broken } = await read([answerOf(tooMany)])
    expect(broken).toEqual([])
    expect(parsed).toEqual([])
    expect(messages).toEqual([
      {
        jsonrpc: '2.0',
        id: 7,
        error: expect.objectContaining({ data: expect.objectContaining({ code: 'protocol' }) }),
      },
    ])
  })

  it.each([
    ['half of a JSON', answerOf('x'.repeat(100_000)).subarray(0, 90_000), /invalid JSON/],
    ['no UTF-8', Buffer.alloc(100_000, 0xff), /invalid JSON/],
    [
      'an answer that nobody asked for',
      answerOf('x'.repeat(100_000)).fill(' ', 16, 22),
      /invalid JSON|answer no request/,
    ],
    [
      'a large notification',
      Buffer.from(JSON.stringify({ jsonrpc: '2.0', method: 'x'.repeat(100_000) })),
      /answer no request/,
    ],
    [
      'deep nonsense',
      Buffer.from('['.repeat(2_000_000) + ']'.repeat(2_000_000)),
      /invalid JSON|answer no request/,
    ],
    ['a small list', Buffer.from('[]'), /neither/],
    ['nothing', Buffer.from('null'), /neither/],
    ['text', Buffer.from('{"jsonrpc": nonsense'), /JSON/],
  ])('breaks the link for %s', async (_, body, reason) => {
    const { messages, broken } = await read([body])
    expect(messages).toEqual([])
    expect(broken).toEqual([expect.stringMatching(reason)])
  })

  it('goes on with the next answer after one that was no good', async () => {
    await read([Buffer.alloc(100_000, 0x5b)])
    const result = {
      at: 1,
      dryRun: true,
      images: [],
      totals: zeros,
      cost: { wallSeconds: 0, cpuSeconds: 0, hashedBytes: 0, peakRssBytes: 0 },
      unreadable: [],
      padding: 'x'.repeat(100_000),
    }
    const { messages } = await read([answerOf(result)], new Map([[7, 'page-cache/plan']]))
    const { padding: _, ...kept } = result
    expect(messages).toEqual([{ jsonrpc: '2.0', id: 7, result: kept }])
  })
})

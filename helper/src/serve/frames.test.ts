import { describe, expect, it } from 'vitest'
import { encodeFrame, FrameDecoder, maxFrameBytes, parseHeader } from './frames.ts'

function decodeAll(bytes: Buffer, chunkLength: number): unknown[] {
  const decoder = new FrameDecoder()
  const frames: unknown[] = []
  for (let at = 0; at < bytes.length; at += chunkLength) {
    decoder.decode(bytes.subarray(at, at + chunkLength), (value) => frames.push(value))
  }
  return frames
}

describe('frames', () => {
  const values = [{ a: 1 }, { text: 'ä€😀' }, [], 'x'.repeat(70_000), null]
  const bytes = Buffer.concat(values.map(encodeFrame))

  it.each([1, 2, 3, 7, 64, 4096, 1_000_000])('come through whole in chunks of %d bytes', (length) => {
    expect(decodeAll(bytes, length)).toEqual(values)
  })

  it.each([
    ['Content-Length: 5', 5],
    ['content-length:5', 5],
    ['Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 12', 12],
    [`Content-Length: ${maxFrameBytes}`, maxFrameBytes],
  ])('accepts the header %j', (header, length) => expect(parseHeader(header)).toBe(length))

  it.each([
    ['', 'malformed'],
    ['hello', 'malformed'],
    ['Content-Type: x', 'no single Content-Length'],
    ['Content-Length: 1\r\nContent-Length: 2', 'no single Content-Length'],
    ['Content-Length: -1', 'is not a number'],
    ['Content-Length: 1e9', 'is not a number'],
    ['Content-Length: 99999999999999999', 'is not a number'],
    [`Content-Length: ${maxFrameBytes + 1}`, 'is announced'],
  ])('refuses the header %j', (header, reason) => expect(() => parseHeader(header)).toThrow(reason))

  it.each([
    ['garbage without end', Buffer.alloc(5000, 'x'), 'a header exceeds'],
    ['a body that is not JSON', Buffer.from('Content-Length: 3\r\n\r\n{]}'), 'is not JSON'],
    ['a body that is no UTF-8', Buffer.from('Content-Length: 3\r\n\r\n"\xff"', 'latin1'), 'is not JSON'],
    ['an empty body', Buffer.from('Content-Length: 0\r\n\r\nContent-Length: 1\r\n\r\n1'), 'is not JSON'],
  ])('refuses %s', (_, bad, reason) => {
    expect(() => decodeAll(bad, 1)).toThrow(reason)
    expect(() => decodeAll(bad, 100_000)).toThrow(reason)
  })
})

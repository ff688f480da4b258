import { expect, it } from 'vitest'
import { readFrameHeader } from './frames.ts'

it.each([
  ['Content-Length: 5', { kind: 'length', bytes: 5 }],
  ['content-length:100  ', { kind: 'length', bytes: 100 }],
  ['Content-Type: x\r\nContent-Length: 0', { kind: 'length', bytes: 0 }],
  ['Content-Length: 101', { kind: 'too-large', announced: '101' }],
  ['Content-Length: 1\r\nContent-Length: 1', { kind: 'no-single-length' }],
  ['Content-Type: x', { kind: 'no-single-length' }],
  ['Content-Length: 0x10', { kind: 'no-number' }],
  ['Content-Length: -1', { kind: 'no-number' }],
  ['Content-Length', { kind: 'malformed' }],
  ['', { kind: 'malformed' }],
])('reads %j within 100 bytes', (header, read) => expect(readFrameHeader(header, 100)).toEqual(read))

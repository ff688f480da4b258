import { expect, it } from 'vitest'
import { parseProcessIo } from './process-io.ts'

it.each([
  ['rchar: 12\nwchar: 3\nread_bytes: 4096\nwrite_bytes: 7\n', { rcharBytes: 12, readBytes: 4096 }],
  ['rchar: 12\n', { rcharBytes: 12 }],
  ['read_bytes: 0\n', { readBytes: 0 }],
  ['', {}],
])('parses %j', (text, io) => expect(parseProcessIo(text)).toEqual(io))

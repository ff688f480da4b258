import { expect, it } from 'vitest'
import { parseEnvironment } from './environ.ts'

it.each([
  [
    'LANG=C\0SSH_CONNECTION=192.0.2.1 5 192.0.2.2 22\0',
    ['LANG=C', 'SSH_CONNECTION=192.0.2.1 5 192.0.2.2 22'],
  ],
  ['EMPTY=\0', ['EMPTY=']],
  ['', []],
])('parses %j', (text, lines) => expect(parseEnvironment(text)).toEqual(lines))

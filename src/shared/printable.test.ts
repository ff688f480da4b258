import { describe, expect, it } from 'vitest'
import { oneLine, stripControls } from './printable.ts'

describe('stripControls', () => {
  it.each([
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['a title', '\u001b]0;owned\u0007text', 'text'],
    ['a title ended by a string terminator', '\u001b]0;owned\u001b\\text', 'text'],
    ['a title without end', '\u001b]0;owned', ''],
    ['an escape alone', 'a\u001b', 'a'],
    ['carriage returns and bells', 'safe\rfake\u0007', 'safefake'],
    ['C1 controls', '\u009b31mred', '31mred'],
    ['reversed text', 'user\u202etxt.exe', 'usertxt.exe'],
    ['nothing of tabs, line ends and umlauts', 'ä\tb\nc', 'ä\tb\nc'],
  ])('takes away %s', (_, text, clean) => {
    expect(stripControls(text)).toBe(clean)
  })

  it('leaves no control character of any text', () => {
    const all = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code)).join('')
    expect(stripControls(all + all)).not.toMatch(/[^\P{Cc}\n\t]/u)
  })
})

describe('oneLine', () => {
  it('joins lines, and ends at the limit', () => {
    expect(oneLine(' a\r\nb\nc\td ')).toBe('a b c d')
    expect(oneLine('a'.repeat(10), 4)).toBe('aaaa')
  })
})

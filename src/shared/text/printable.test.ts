import { describe, expect, it } from 'vitest'
import { oneLine, stripControls, stripControlsDeep } from './printable.ts'

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
    ['isolates of direction', 'a\u2066b\u2069c', 'abc'],
    ['zero-width characters', 'we\u200bb\u2060\ufeff', 'web'],
    ['fillers that show nothing', 'we\u3164b\u034f\ufe0f\u{e0100}', 'web'],
    ['separators of lines and paragraphs', 'a\u2028b\u2029c', 'abc'],
    ['tag characters', 'a\u{e0041}b', 'ab'],
    ['half of a pair', 'a\ud800b', 'ab'],
    ['nothing of names in other scripts', 'サーバー-β-сервер', 'サーバー-β-сервер'],
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
    expect(oneLine('a\u2028b\u0085c\vd')).toBe('a b c d')
    expect(oneLine('a'.repeat(10), 4)).toBe('aaaa')
  })
})

describe('stripControlsDeep', () => {
  it('reaches every text and key, and leaves everything else', () => {
    const value = { 'a\u202e': ['b\u200b', 1, null, { c: true, d: 'x\u001b[1my' }] }
    expect(stripControlsDeep(value)).toEqual({ a: ['b', 1, null, { c: true, d: 'xy' }] })
  })
})

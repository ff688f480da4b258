import { describe, expect, it } from 'vitest'
import { parseSeconds } from './values.ts'
import { matchesPattern, matchesPatternList, splitWords, takeWord } from './words.ts'

describe('words of a value', () => {
  it.each([
    ['a b\tc', ['a', 'b', 'c']],
    ['"a b" c', ['a b', 'c']],
    ["'a b' c", ['a b', 'c']],
    ['a"b c"d', ['ab cd']],
    ['a\\ b', ['a b']],
    ['a\\b \\" \\\\', ['a\\b', '"', '\\']],
    ['"a\\"b"', ['a"b']],
    ['a # b', ['a']],
    ['a#b "# c" #d', ['a#b', '# c']],
    ['""', ['']],
    ['', []],
  ])('%j', (text, words) => {
    expect(splitWords(text)).toEqual(words)
  })

  it.each(['"a', "a 'b", '"a\\"'])('%j has a quote that is not closed', (text) => {
    expect(splitWords(text)).toBeUndefined()
  })
})

describe('the next word of a line', () => {
  it.each([
    ['Port 22', 'Port', '22'],
    ['Port=22', 'Port', '22'],
    ['Port = 22', 'Port', '22'],
    ['Port == 22', 'Port', '= 22'],
    ['"Port" 22', 'Port', '22'],
    ['  Port', '', 'Port'],
    ['Port', 'Port', undefined],
  ])('%j', (text, word, rest) => {
    expect(takeWord(text)).toEqual({ word, rest })
  })
})

it.each([
  ['90', 90],
  ['1m', 60],
  ['1h30m', 5400],
  ['1H30', 3630],
  ['2d', 172_800],
  ['1w', 604_800],
  ['', undefined],
  ['m', undefined],
  ['1x', undefined],
  ['-1', undefined],
  ['99999999999', undefined],
])('%j is %s seconds', (text, seconds) => {
  expect(parseSeconds(text)).toBe(seconds)
})

it.each([
  ['box', 'b?x', true],
  ['box', 'B*', false],
  ['box', '*', true],
  ['', '*', true],
  ['box', '', false],
  ['a'.repeat(200), `${'*a'.repeat(100)}b`, false],
])('%s fits the pattern %s: %s', (text, pattern, fits) => {
  expect(matchesPattern(text, pattern)).toBe(fits)
})

it('lets one negated pattern outweigh all others of its list', () => {
  expect(matchesPatternList('box', '*,!box')).toBe(false)
  expect(matchesPatternList('box', '!other')).toBe(false)
  expect(matchesPatternList('box', '!other,b*')).toBe(true)
})

import { describe, expect, it } from 'vitest'
import { compareLines } from './text-difference.ts'

const marks = { same: ' ', out: '-', in: '+' }
const compare = (before: string, after: string) =>
  compareLines(before, after).map(({ kind, text }) => `${marks[kind]}${text}`)

describe('two texts', () => {
  it.each([
    ['a\nb\nc', 'a\nb\nc', [' a', ' b', ' c']],
    ['a\nb\nc', 'a\nx\nc', [' a', '-b', '+x', ' c']],
    ['a\nc', 'a\nb\nc', [' a', '+b', ' c']],
    ['a\nb\nc', 'c', ['-a', '-b', ' c']],
    ['a', 'b', ['-a', '+b']],
  ])('%j against %j', (before, after, expected) => {
    expect(compare(before, after)).toEqual(expected)
  })
})

import { expect, it } from 'vitest'
import { describeSpan, describeStep } from './kept-words.ts'

it.each([
  [6.5 * 3600, '6.5 hours'],
  [26 * 3600, '26 hours'],
  [48 * 3600, '2 days'],
  [366 * 86_400, '366 days'],
])('%d seconds are %s', (seconds, words) => {
  expect(describeSpan(seconds)).toBe(words)
})

it.each([
  [undefined, 'each sample, taken every 2 s'],
  [10, '10 s'],
  [300, '5 min'],
])('a step of %s is %s', (stepSeconds, words) => {
  expect(describeStep({ keptSeconds: 1, ...(stepSeconds !== undefined && { stepSeconds }) })).toBe(words)
})

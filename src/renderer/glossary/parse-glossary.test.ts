import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parseGlossary } from './parse-glossary.ts'

it('reads words and meanings without marks', () => {
  const text = '# Glossary\n\n| word | meaning |\n|---|---|\n| a, b | An *act* of `this \\| that`. |\n'
  expect(parseGlossary(text)).toEqual([{ word: 'a, b', meaning: 'An act of this \\| that.' }])
})

it('finds every row of the document', () => {
  const text = readFileSync(new URL('../../../docs/glossary.md', import.meta.url), 'utf8')
  const words = parseGlossary(text)
  expect(words.length).toBe(text.split('\n').filter((line) => line.startsWith('| ')).length - 1)
  expect(words.every(({ word, meaning }) => word !== '' && meaning !== '')).toBe(true)
  expect(words.map(({ word }) => word)).toContain('double cached')
})

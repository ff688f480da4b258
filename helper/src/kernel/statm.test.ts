import { expect, it } from 'vitest'
import { parseResidentPages } from './statm.ts'

it.each([
  ['200000 75000 100 0 0 0 0\n', 75000],
  ['0 0 0 0 0 0 0\n', undefined],
  ['200000', undefined],
  ['', undefined],
] as const)('parses the resident pages of %j', (text, pages) => expect(parseResidentPages(text)).toBe(pages))

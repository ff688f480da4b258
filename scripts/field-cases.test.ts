// docs/field-cases.md names a test for each case; this holds the names against the tests that exist.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/field-cases.md'), 'utf8')

interface Case {
  /** Undefined: another of the same kind. */
  readonly number: number | undefined
  readonly test: string
}

function parseCases(): Case[] {
  return page.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim())
    const test = cells.at(-2) ?? ''
    if (!test.startsWith('`')) return []
    return [{ number: /^\d+$/.test(cells[1] ?? '') ? Number(cells[1]) : undefined, test }]
  })
}

const cases = parseCases()

describe('the page of cases from the field', () => {
  it('has each case once', () => {
    expect(cases.flatMap(({ number }) => number ?? [])).toEqual(
      Array.from({ length: 30 }, (_, index) => index + 1),
    )
  })

  it.each(cases)('names a test: $test', ({ test }) => {
    const [, file = '', title = ''] = /^`(.+)`: \*(.+)\*$/.exec(test) ?? []
    expect(existsSync(join(root, file)), `there is no ${file}`).toBe(true)
    expect(readFileSync(join(root, file), 'utf8')).toContain(title)
  })
})

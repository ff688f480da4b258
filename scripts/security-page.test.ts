// SECURITY.md names the test of each defence; a name that leads nowhere would be a promise that nobody keeps.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = dirname(import.meta.dirname)
const rows = readFileSync(join(root, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| attacker'))

describe('the table of attackers', () => {
  it('has a test for each', () => {
    expect(rows.length).toBeGreaterThan(10)
    for (const row of rows) {
      const tests = [...row.matchAll(/`((?:test|src|helper|scripts)\/[^`]+\.test\.tsx?)`/g)].map(
        ([, path]) => path,
      )
      expect(tests.length, row).toBeGreaterThan(0)
      for (const path of tests) expect(existsSync(join(root, path ?? '')), path).toBe(true)
    }
  })
})

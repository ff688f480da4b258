// SECURITY.md and docs/attacks.md name the test of each defence; a name that leads nowhere would be a promise that nobody keeps.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const root = dirname(import.meta.dirname)
const rows = readFileSync(join(root, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| attacker'))

const attacks = readFileSync(join(root, 'docs/attacks.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, attack = '', path = '', title = ''] =
      /^\| (.+?) \| .+ \| `([^`]+\.test\.ts)`: \*(.+)\* \|$/.exec(line) ?? []
    return title === '' ? [] : [{ attack, path, title }]
  })

describe('packages that we build with', () => {
  it('run nothing when they are installed', () => {
    expect(readFileSync(join(root, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m)
    expect(readFileSync(join(root, 'scripts/npm-packages.mjs'), 'utf8')).toContain("'--ignore-scripts'")
  })
})

describe('the page of attacks', () => {
  afterAll(() => {
    const files = new Set(attacks.map(({ path }) => path)).size
    process.stderr.write(`${attacks.length} attacks are made by the tests of ${files} files\n`)
  })

  it('names a test in every row', () => {
    const rows = readFileSync(join(root, 'docs/attacks.md'), 'utf8')
      .split('## Random input')[0]
      ?.match(/^\| (?!attack \|).+$/gm)
    expect(attacks.length).toBeGreaterThan(50)
    expect(attacks).toHaveLength(rows?.length ?? 0)
  })

  it.each(attacks)('$attack', ({ path, title }) => {
    expect(existsSync(join(root, path)), `there is no ${path}`).toBe(true)
    expect(readFileSync(join(root, path), 'utf8')).toContain(title)
  })
})

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

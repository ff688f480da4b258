import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readRaw, replaceSection, writeReport } from './report.ts'

const machine = {
  processor: 'a processor',
  cores: 2,
  memoryGiB: 24,
  kernel: '6.18',
  hugePages: 'madvise',
  at: '2026-11-24',
}
const names = ['first', 'second']
const reported = (name: string, text: string) => ({
  section: { name, title: `About ${name}` },
  measured: { text, raw: { name } },
  machine,
  command: `npm run bench -- ${name}`,
})

it('writes one section anew and keeps the others, in their order', () => {
  const second = replaceSection(undefined, reported('second', 'two'), names)
  const both = replaceSection(second, reported('first', 'one'), names)
  const anew = replaceSection(both, reported('second', 'two again'), names)
  expect(anew.indexOf('one')).toBeLessThan(anew.indexOf('two again'))
  expect(anew.match(/## About/g)).toHaveLength(2)
  expect(replaceSection(anew, reported('second', 'two'), names)).toBe(both)
})

it('says by which command and on what machine a section was measured', () => {
  const report = replaceSection(undefined, reported('first', 'one'), names)
  expect(report).toContain('`npm run bench -- first` on 2026-11-24: a processor, 2 cores; 24 GiB')
  expect(report).toContain('(benchmarks/first.json)')
})

it('keeps the raw results of a section beside the report, to add to them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-report-'))
  try {
    writeReport(folder, reported('first', 'one'), names)
    expect(readRaw(folder, 'first')).toEqual({ name: 'first' })
    expect(readRaw(folder, 'second')).toBeUndefined()
    expect(readFileSync(join(folder, 'benchmarks.md'), 'utf8')).toContain('## About first')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

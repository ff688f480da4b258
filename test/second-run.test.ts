import { describe, expect, it } from 'vitest'
import type { FileRun } from './run-times.ts'
import { filesToRepeat, withSecondRun } from './second-run.ts'
import { noTests, type Summary } from './summary-reporter.ts'

const fileOf = (path: string, passed: number): FileRun => ({ path, lane: 'integration', seconds: 1, passed })
const [a, b] = [fileOf('test/integration/a.test.ts', 3), fileOf('test/integration/a.test.tsx', 2)]
const skipped = [{ name: `${a.path} > needs a disk`, reason: 'there is none' }]
const first: Summary = {
  ...noTests,
  passed: 5,
  failed: [`${a.path} > waits`],
  skipped: [...skipped, { name: `${b.path} > other`, reason: 'of another file' }],
  files: [a, b],
}

describe('files to run once more', () => {
  it('are those of failed tests and of hooks, each once', () => {
    expect(filesToRepeat(first)).toEqual([a])
    expect(filesToRepeat({ ...first, failed: [...first.failed, `${a.path} > ends`, b.path] })).toEqual([a, b])
    expect(filesToRepeat({ ...first, failed: [] })).toEqual([])
  })

  it('are none where a failure belongs to no file, or where many failed', () => {
    const outOfTime = 'integration: vitest ran out of time'
    expect(filesToRepeat({ ...first, failed: [...first.failed, outOfTime] })).toEqual([])
    const many = Array.from({ length: 4 }, (_, index) => fileOf(`test/integration/${index}.test.ts`, 0))
    expect(filesToRepeat({ ...first, failed: many.map(({ path }) => path), files: many })).toEqual([])
  })
})

describe('a second run', () => {
  it('counts instead of the first one, and names what was disturbed', () => {
    const second = { ...noTests, passed: 4, skipped, files: [fileOf(a.path, 4)] }
    expect(withSecondRun(first, a, second)).toEqual({
      passed: 6,
      failed: [],
      skipped: [first.skipped[1], ...skipped],
      files: [b, fileOf(a.path, 4)],
      disturbed: [`${a.path} > waits`],
    })
  })

  it('leaves a failure a failure, also where another test fails, or none runs', () => {
    const again = { ...noTests, passed: 3, failed: [`${a.path} > ends`], files: [a] }
    expect(withSecondRun(first, a, again)).toMatchObject({ passed: 5, failed: again.failed, disturbed: [] })
    expect(withSecondRun(first, a, noTests)).toEqual(first)
    const outOfTime = { ...noTests, failed: ['integration: vitest ran out of time'] }
    expect(withSecondRun(first, a, outOfTime)).toMatchObject({ failed: outOfTime.failed, disturbed: [] })
  })
})

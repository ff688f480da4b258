// A vitest reporter that leaves counts, the reason of every skipped test and the run of every file in a file for test/run.ts.
import { writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import type { FileRun } from './run-times.ts'

export interface SkippedTest {
  readonly name: string
  readonly reason: string
}

export interface Summary {
  readonly passed: number
  /** Names; a file that fails to load and an error outside of all tests count as one each. */
  readonly failed: readonly string[]
  readonly skipped: readonly SkippedTest[]
  readonly files: readonly FileRun[]
  /** Names of tests that failed beside others and passed when their file ran once more by itself. */
  readonly disturbed: readonly string[]
}

/** Of what has no tests. */
export const noTests: Summary = { passed: 0, failed: [], skipped: [], files: [], disturbed: [] }

export function addUp(summaries: readonly Summary[]): Summary {
  return {
    passed: summaries.reduce((sum, { passed }) => sum + passed, 0),
    failed: summaries.flatMap(({ failed }) => failed),
    skipped: summaries.flatMap(({ skipped }) => skipped),
    files: summaries.flatMap(({ files }) => files),
    disturbed: summaries.flatMap(({ disturbed }) => disturbed),
  }
}

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly { message: string }[]): void {
    const path = process.env.SINGLETON_SUMMARY_FILE
    if (path !== undefined) writeFileSync(path, JSON.stringify(summarize(modules, unhandledErrors)))
  }
}

function summarize(modules: readonly TestModule[], unhandledErrors: readonly { message: string }[]): Summary {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const failedTests = tests.filter((test) => test.result().state === 'failed').map(nameOf)
  const failedFiles = modules.filter(failedByItself).map((module) => module.relativeModuleId)
  const skipped = tests.filter(
    (test) => test.result().state === 'skipped' || test.result().state === 'pending',
  )
  return {
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failed: [
      ...failedTests,
      ...failedFiles,
      ...unhandledErrors.map(({ message }) => `outside of tests: ${message}`),
    ],
    skipped: skipped.map((test) => ({ name: nameOf(test), reason: reasonOf(test) })),
    files: modules.map(runOf),
    disturbed: [],
  }
}

function runOf(module: TestModule): FileRun {
  const { prepareDuration, collectDuration, duration } = module.diagnostic()
  return {
    path: module.relativeModuleId,
    lane: module.project.name,
    seconds: (prepareDuration + collectDuration + duration) / 1000,
    passed: [...module.children.allTests('passed')].length,
  }
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`
}

function reasonOf(test: TestCase): string {
  const result = test.result()
  if (result.state === 'pending') return 'it never ran'
  if (test.options.mode === 'todo') return 'not written yet'
  if (result.state === 'skipped' && result.note) return result.note
  if (hasFailedSetUp(test)) return 'its set-up failed'
  // `skipIf` gives no reason; the file prints it.
  return process.getuid?.() === 0 ? 'its file says why, above' : 'it needs root, or what its file says above'
}

function hasFailedSetUp(test: TestCase): boolean {
  for (let above = test.parent; above.type === 'suite'; above = above.parent) {
    if (above.errors().length > 0) return true
  }
  return test.module.errors().length > 0
}

/** Whether the file, or a hook of one of its suites, failed outside of any test. */
function failedByItself(module: TestModule): boolean {
  const suites = [...module.children.allSuites()]
  return module.errors().length > 0 || suites.some((suite) => suite.errors().length > 0)
}

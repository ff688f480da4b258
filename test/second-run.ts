// A file that failed beside others runs once more by itself. What passes then was disturbed: the run says so and goes on.
import type { FileRun } from './run-times.ts'
import { addUp, type Summary } from './summary-reporter.ts'

/** More of them are no chance. */
const MOST = 3

/**
 * The files to run once more: those of failed tests. None where there are many, or where a failure belongs to no file
 * that ran, as when a lane ran out of time: another run would not tell what that was. Pure.
 */
export function filesToRepeat({ failed, files }: Summary): readonly FileRun[] {
  const fileOf = (name: string) => files.find(({ path }) => belongsTo(name, path))
  const found = failed.map(fileOf)
  const repeated = [...new Set(found)].filter((file) => file !== undefined)
  return found.includes(undefined) || repeated.length > MOST ? [] : repeated
}

/** What counts after a file ran again: its second run; where that passed, its first failures are named apart. Pure. */
export function withSecondRun(first: Summary, { path, passed }: FileRun, second: Summary): Summary {
  // That nothing ran is no proof of anything.
  if (second.passed === 0 && second.failed.length === 0) return first
  const isOfOthers = (name: string) => !belongsTo(name, path)
  const others: Summary = {
    passed: first.passed - passed,
    failed: first.failed.filter(isOfOthers),
    skipped: first.skipped.filter(({ name }) => isOfOthers(name)),
    files: first.files.filter((file) => file.path !== path),
    disturbed: first.disturbed,
  }
  const disturbed = second.failed.length > 0 ? [] : first.failed.filter((name) => belongsTo(name, path))
  return addUp([others, { ...second, disturbed }])
}

function belongsTo(name: string, path: string): boolean {
  return name === path || name.startsWith(`${path} > `)
}

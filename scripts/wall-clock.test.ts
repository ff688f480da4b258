// The wall clock steps: no file asks it for the time but the one whose callers want a label or a stored time.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
/** Who may ask for the time of day, and why. */
const askers = [
  'src/shared/time/wall-clock.ts', // for all
  'src/renderer/model/workbench-clock.ts', // until the workbench has said its time
]
/** Who may compare what wallClock() says, and why. */
const comparers = [
  'helper/src/page-cache/file-version.ts', // times of change of files are the wall clock's
]
const asks = /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)/
const compares =
  /wallClock\(\)\s*(?:[-+*/%]|[<>]=?)|(?:[-+*/%]|[<>]=?)\s*wallClock\(\)|\bMath\.\w+\([^()]*wallClock\(\)/

function sourcesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)))
}

const sources = ['src', 'helper/src', 'test/beds'].flatMap(sourcesOf)
const filesWith = (pattern: RegExp) =>
  sources.filter((file) => pattern.test(readFileSync(join(root, file), 'utf8'))).toSorted()

describe('the wall clock', () => {
  it('is asked in one place', () => {
    expect(sources.length).toBeGreaterThan(300)
    expect(filesWith(asks)).toEqual(askers.toSorted())
  })

  it('tells no elapsed time', () => {
    expect(filesWith(compares).filter((file) => !comparers.includes(file))).toEqual([])
  })

  it.each([
    'const until = wallClock() + 5000',
    'if (wallClock() > until) stop()',
    'const elapsed = wallClock() - startedAt',
    'wait(until - wallClock())',
    'Math.max(0, wallClock())',
  ])('would be found in %j', (line) => expect(line).toMatch(compares))
})

// docs/desktop.md names a test for each point of Electron's checklist: a name that leads nowhere would be a promise that nobody
// keeps.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'

const root = dirname(import.meta.dirname)
const page = readFileSync(join(root, 'docs/desktop.md'), 'utf8')
const row = /^\| (\d+) .*\| `([^`]+\.test\.ts)`: \*([^*]+)\* \|$/gm

it('has all 20 points of the checklist, each with a test that is there', () => {
  const points = [...page.matchAll(row)].map(([, point, path = '', title = '']) => ({ point, path, title }))
  expect(points.map(({ point }) => Number(point))).toEqual(
    Array.from({ length: 20 }, (_, index) => index + 1),
  )
  for (const { path, title } of points) {
    expect(existsSync(join(root, path)), path).toBe(true)
    expect(readFileSync(join(root, path), 'utf8'), title).toMatch(
      new RegExp(`it(?:\\.\\w+\\(.*\\))?\\('${title}`),
    )
  }
})

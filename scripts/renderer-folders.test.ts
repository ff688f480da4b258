// The folders of the renderer form no circle: what several of them know together is in model/, what they draw in ui/.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(dirname(import.meta.dirname), 'src/renderer')

/** Folder → folders that its files import from, types included. */
function readImports(): ReadonlyMap<string, ReadonlySet<string>> {
  const folders = new Map<string, Set<string>>()
  for (const file of globSync('**/*.{ts,tsx}', { cwd: root })) {
    if (/\.test\.tsx?$/.test(file)) continue
    const from = dirname(file)
    for (const [, specifier = ''] of readFileSync(join(root, file), 'utf8').matchAll(/\bfrom '(\.[^']+)'/g)) {
      const to = relative(root, dirname(join(root, from, specifier))) || '.'
      if (to.startsWith('..') || to === from) continue
      const others = folders.get(from) ?? new Set()
      folders.set(from, others.add(to))
    }
  }
  return folders
}

/** Folders that are left when those that import from nobody left are taken away, again and again. */
function findCircles(imports: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const left = new Map([...imports].map(([from, to]) => [from, new Set(to)]))
  for (;;) {
    const free = [...left].find(([, to]) => ![...to].some((other) => left.has(other)))
    if (!free) return [...left.keys()]
    left.delete(free[0])
  }
}

describe('the folders of the renderer', () => {
  it('are seen', () => {
    const imports = readImports()
    expect(imports.get('host')).toContain('ui')
    expect(
      findCircles(
        new Map([
          ['a', new Set(['b'])],
          ['b', new Set(['a'])],
          ['c', new Set(['a'])],
        ]),
      ),
    ).toEqual(['a', 'b', 'c'])
  })

  it('form no circle', () => {
    expect(findCircles(readImports())).toEqual([])
  })
})

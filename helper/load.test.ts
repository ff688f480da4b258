// Unit tests reach every module of the helper: none needs the C library, root or a guest to be loaded.
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Where a process and its threads start: loading them runs them. */
const entries = ['main.ts', 'identical-pages/scan/read-worker.ts', 'held/watch-worker.ts']

const folder = join(import.meta.dirname, 'src')
const modules = globSync('**/*.ts', { cwd: folder }).filter((path) => !path.endsWith('.test.ts'))

describe('modules of the helper', () => {
  it('have the entries that are not loaded here', () => {
    expect(modules).toEqual(expect.arrayContaining(entries))
  })

  it('load under Node', async () => {
    const failures: string[] = []
    for (const path of modules.filter((name) => !entries.includes(name))) {
      await import(join(folder, path)).catch((error) => failures.push(`${path}: ${error}`))
    }
    expect(failures).toEqual([])
  })
})

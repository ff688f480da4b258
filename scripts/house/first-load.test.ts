// What is loaded before the first paint, by the imports of the source. What Chromium then really asks for:
// test/e2e/first-paint.test.ts.
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isTest, listImports, loadedWith, readSource } from './import-graph.mjs'

const ROOT = dirname(dirname(import.meta.dirname))
const imports = readSource(ROOT, ['src'])
  .filter(({ path }) => !isTest(path))
  .flatMap(listImports)
const folderOf = (path: string) => dirname(path).replace(/^src\/renderer\/?/, '')

describe('before the first paint of the fleet', () => {
  const { files, packages } = loadedWith(imports, [
    'src/renderer/main.tsx',
    'src/renderer/fleet/FleetPage.tsx',
  ])
  const folders = new Set([...files].filter((path) => path.startsWith('src/renderer/')).map(folderOf))

  it('no chart is loaded, and nothing that draws one', () => {
    expect([...packages].filter((name) => /recharts|charts|d3/.test(name))).toEqual([])
    expect([...folders].filter((folder) => /charts|history|memory-map/.test(folder))).toEqual([])
  })

  it('no page but the fleet is loaded, and no dialog for adding or editing hosts', () => {
    const pages = [...files].filter((path) => /Page\.tsx$/.test(path))
    expect(pages).toEqual(['src/renderer/fleet/FleetPage.tsx'])
    expect(folders).not.toContain('add-hosts')
    expect(folders).not.toContain('host')
  })

  it('the page itself waits for no page: each is called for', () => {
    const called = imports.filter(({ from }) => from === 'src/renderer/pages.ts')
    const components = called.filter(({ to }) => to.endsWith('.tsx') && !to.includes('/ui/'))
    expect(components.length).toBeGreaterThan(10)
    expect(components.filter(({ when }) => when !== 'later')).toEqual([])
  })
})

describe.each([
  ['the window of the desktop app is drawn', 'src/main/index.ts', ['src/main/shell']],
  ['the browser shell prints its link', 'src/main/serve.ts', []],
] as const)('before %s', (_when, entry, own) => {
  const { files, packages } = loadedWith(imports, [entry])

  it('no service is loaded, nor what services stand on', () => {
    const rooms = new Set([...files].map((path) => path.split('/').slice(0, 3).join('/')))
    const early = ['src/main/browser-shell', 'src/main/data-directory.ts', 'src/main/installation.ts']
    const shared = [...rooms].filter((room) => room.startsWith('src/shared/'))
    expect([...rooms].sort()).toEqual([...early, entry, ...own, ...shared].sort())
    expect(shared.filter((room) => /contract|rpc/.test(room))).toEqual([])
    expect([...packages].filter((name) => !/^(?:node:|electron$|zod$)/.test(name))).toEqual([])
  })

  it('the services are called for', () => {
    const called = imports.filter(({ from, when }) => from === entry && when === 'later')
    expect(called.map(({ to }) => to)).toContain('src/main/workbench.ts')
  })
})

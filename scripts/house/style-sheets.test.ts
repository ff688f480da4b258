// Styles lie beside their component: three short sheets are global, and nothing is styled in place that a class can carry.
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isTest, listImports, readSource } from './import-graph.mjs'

const ROOT = dirname(dirname(import.meta.dirname))
const MAX_GLOBAL_LINES = 120

const components = readSource(ROOT, ['src/renderer']).filter(({ path }) => !isTest(path))
const imports = components.flatMap(listImports)
const sheets = globSync('src/renderer/**/*.css', { cwd: ROOT }).map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
}))
const isModule = ({ path }: { readonly path: string }) => path.endsWith('.module.css')
const modules = sheets.filter(isModule)

/** Classes that a sheet styles; of what it takes from a variable or writes in a comment, none. */
function classesOf(text: string): string[] {
  const selectors = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/\{[^{}]*\}/g, ';')
  return [...new Set([...selectors.matchAll(/\.([a-z]\w*)/gi)].map(([, name = '']) => name))]
}

describe('style sheets', () => {
  it('are modules, but for the tokens, the layout and the print of all pages, which are short', () => {
    const global = sheets.filter((sheet) => !isModule(sheet))
    expect(global.map(({ path }) => path).toSorted()).toEqual(
      ['print', 'tokens', 'workbench'].map((name) => `src/renderer/design/${name}.css`),
    )
    const long = global.filter(({ text }) => text.split('\n').length - 1 >= MAX_GLOBAL_LINES)
    expect(long.map(({ path }) => path)).toEqual([])
  })

  it('hold no class that no component has', () => {
    expect(modules.length).toBeGreaterThan(20)
    const unused = modules.flatMap(({ path, text }) => {
      const users = new Set(imports.filter(({ to }) => to === path).map(({ from }) => from))
      const used = components.filter((one) => users.has(one.path)).map((one) => one.text)
      return classesOf(text)
        .filter((name) => !used.some((code) => new RegExp(`\\.${name}\\b`).test(code)))
        .map((name) => `${path} .${name}`)
    })
    expect(unused).toEqual([])
  })

  it('lie in the folder that uses them, or in ui, which every folder may use', () => {
    const strayed = imports.filter(
      ({ from, to }) =>
        to.endsWith('.module.css') && ![dirname(from), 'src/renderer/ui'].includes(dirname(to)),
    )
    expect(strayed.map(({ from, to }) => `${from} -> ${basename(to)}`)).toEqual([])
  })
})

describe('styles in place', () => {
  it('hold only what is worked out: the rest is a class', () => {
    const fixed = /style=\{\{[^}]*?\w: *(?:'[^']*'|"[^"]*"|-?\d+(?:\.\d+)?) *[,}]/
    expect("<i style={{ color: 'red' }} />").toMatch(fixed)
    expect(components.filter(({ text }) => fixed.test(text)).map(({ path }) => path)).toEqual([])
  })
})

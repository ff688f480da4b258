// The house as it stands against the table of rooms: imports, circles, exports, and who reads the kernel.
// Sizes and comments: source-shape.test.ts.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withRooms } from './architecture.mjs'
import { findCircle, graphOf, isTest, listExports, listImports, readSource } from './import-graph.mjs'
import { isAllowedPackage, roomOf, withLintRules } from './lint-rules.mjs'
import { describeProtocol } from './protocol.ts'
import { HELPER_ROOMS, MAIN_ROOMS } from './rooms.mjs'

const ROOT = dirname(dirname(import.meta.dirname))

const files = readSource(ROOT, ['src', 'helper/src'])
const source = files.filter(({ path }) => !isTest(path) && /\.tsx?$/.test(path))
const imports = source.flatMap(listImports)

describe('the table of rooms', () => {
  it('has a room for every file', () => {
    expect(source.map(({ path }) => path).filter((path) => roomOf(path) === undefined)).toEqual([])
  })

  it.each([
    ['helper', HELPER_ROOMS],
    ['main', MAIN_ROOMS],
  ])('of %s lets rooms import only rooms above their own row', (_name, rooms) => {
    const wrong = rooms.flatMap(({ room, imports: allowed }, row) =>
      allowed
        .filter((other) => rooms.findIndex((candidate) => candidate.room === other) >= row)
        .map((other) => `${room} -> ${other}`),
    )
    expect(wrong).toEqual([])
  })

  it('leaves two loose files in the helper: its entry, and what brings every scan together', () => {
    const loose = HELPER_ROOMS.map(({ room }) => room).filter((room) => room.endsWith('.ts'))
    expect(loose).toEqual(['helper/src/assess.ts', 'helper/src/main.ts'])
  })

  it('leaves loose in shared what all processes stand on', () => {
    const loose = source.map(({ path }) => path).filter((path) => /^src\/shared\/[^/]+$/.test(path))
    const names = ['platform.d.ts', 'problem.ts', 'rpc.ts', 'units.ts', 'with-value.ts']
    expect(loose).toEqual(names.map((name) => `src/shared/${name}`))
  })

  it('is what ARCHITECTURE.md says', () => {
    const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8')
    expect(withRooms(text), 'stale: npm run format').toBe(text)
  })

  it('is what biome.json enforces', () => {
    const written = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'))
    expect(JSON.parse(withLintRules(JSON.stringify(written))), 'stale: npm run format').toEqual(written)
  })

  it('goes with a protocol page that is up to date', () => {
    expect(readFileSync(join(ROOT, 'docs/protocol.md'), 'utf8'), 'stale: npm run format').toBe(
      describeProtocol(),
    )
  })
})

describe('the source', () => {
  it('imports only what its room may', () => {
    const wrong = imports.flatMap(({ from, to, isPackage }) => {
      const room = roomOf(from)
      if (room === undefined) return [`${from}: no room`]
      if (isPackage) return isAllowedPackage(room, to) ? [] : [`${from} imports ${to}`]
      // A text that the build puts in.
      if (to.startsWith('resources/')) return []
      const target = roomOf(to)
      const isAllowed =
        target === room ||
        (target?.room === 'src/shared' && room.shared !== false) ||
        (target !== undefined && room.imports.includes(target.room))
      return isAllowed ? [] : [`${from} -> ${to}`]
    })
    expect(wrong).toEqual([])
  })

  it('has no circle of files, types included', () => {
    expect(findCircle(graphOf(imports, (path) => path))).toBeUndefined()
  })

  it.each([
    ['src/renderer', 'host', 'ui'],
    ['src/shared', 'text', 'contract'],
    ['helper/src', 'identical-pages/scan', 'identical-pages/records'],
  ])('has no circle of folders in %s', (process, upper, lower) => {
    const within = imports.filter(({ from, to }) =>
      [from, to].every((path) => path.startsWith(`${process}/`)),
    )
    // Loose files are rooms of their own.
    const folders = graphOf(within, (path) => (dirname(path) === process ? path : dirname(path)))
    const [above, below] = [`${process}/${upper}`, `${process}/${lower}`]
    expect(folders.get(above)).toContain(below)
    expect(findCircle(folders)).toBeUndefined()
    expect(findCircle(new Map(folders).set(below, new Set([above])))).toBeDefined()
  })

  it('names only entries of threads …-worker.ts: the builds take each for one', () => {
    const workers = source.filter(({ path }) => path.endsWith('-worker.ts'))
    expect(workers.length).toBeGreaterThan(3)
    const imported = new Set(imports.map(({ to }) => to))
    expect(workers.map(({ path }) => path).filter((path) => imported.has(path))).toEqual([])
  })

  it('gives methods a noun: what twenty classes call `add` cannot be found', () => {
    const bare = /^ {2}(?:static )?(?:async )?(?:add|look|note|of|take)\(.*\).*[{\w>]$/m
    expect('class Holders {\n  add(guest: number): void {').toMatch(bare)
    const inNode = source.filter(({ path }) => /^(?:helper\/src|src\/main)\//.test(path))
    expect(inNode.filter(({ text }) => bare.test(text)).map(({ path }) => path)).toEqual([])
  })

  it('exports nothing that nobody imports', () => {
    const everything = readSource(ROOT, ['src', 'helper', 'test', 'scripts', 'electron.vite.config.ts'])
    const all = everything.flatMap(listImports)
    const direct = all.filter(({ passesOn }) => !passesOn)
    // What is imported from a file that passes on what another exports is imported from that one.
    const through = all
      .filter(({ passesOn }) => passesOn)
      .flatMap(({ from, to }) => direct.filter((one) => one.to === from).map(({ names }) => ({ to, names })))
    const used = new Set(
      [...direct, ...through].flatMap(({ to, names }) => names.map((name) => `${to}#${name}`)),
    )
    const unused = source
      .filter(({ path }) => !used.has(`${path}#*`))
      .flatMap((file) => listExports(file).map((name) => `${file.path}#${name}`))
      .filter((item) => !used.has(item))
    expect(unused).toEqual([])
  })

  it('writes constants in camelCase, and in capitals only what the kernel calls so', () => {
    const ofKernel =
      /^(?:AT|KPF|MADV|MAP|O|PAGE_IS|PAGEMAP|PF|POSIX_FADV|PROT|SCHED|STATX|SYNC_FILE_RANGE|SYS)_/
    const inCapitals = source.flatMap(({ path, text }) =>
      [...text.matchAll(/^(?:export )?const ([A-Z][A-Z0-9_]+)\b/gm)].map(([, name = '']) => ({ path, name })),
    )
    expect(inCapitals.length).toBeGreaterThan(20)
    expect(inCapitals.filter(({ name }) => !ofKernel.test(name))).toEqual([])
  })

  it('builds optional fields one way: withValue for a value that may be absent, `&&` for a condition', () => {
    const emptyObject = /\.\.\.\([^;{}]*\? *(?:\{\} *:|\{[^;{}]*\} *: *\{\} *\))/
    const everywhere = readSource(ROOT, ['src', 'helper', 'test', 'scripts'])
    expect(everywhere.filter(({ text }) => emptyObject.test(text)).map(({ path }) => path)).toEqual([])
  })

  it('reads /proc and /sys in helper/src/kernel only', () => {
    const reading =
      /\broot\.(proc|sys)\b|\b(?:readFile|readFileSync|readlink|readlinkSync|openSync|opendir|readdir)\(\s*[`']\/(?:proc|sys)\//
    const wrong = source.filter(
      ({ path, text }) =>
        path.startsWith('helper/src/') && !path.startsWith('helper/src/kernel/') && reading.test(text),
    )
    expect(wrong.map(({ path }) => path)).toEqual([])
  })
})

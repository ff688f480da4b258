// What the source really imports and exports, read as text: the check of the table of rooms.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/**
 * @typedef {object} Import
 * @property {string} from importing file
 * @property {string} to imported file, or the package as written
 * @property {boolean} isPackage
 * @property {readonly string[]} names imported names; '*' for all of them
 * @property {boolean} passesOn it is `export * from`: what others import from here, they import from there
 * @property {'load' | 'type' | 'later'} when loaded with the importing file; for the compiler only; when it is called for
 */

/** @typedef {{ path: string, text: string }} SourceFile */

/** Tracked and new TypeScript files below the folders. @param {string} root @param {readonly string[]} folders @returns {SourceFile[]} */
export function readSource(root, folders) {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', ...folders]
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((path) => /\.(tsx?|mjs)$/.test(path) && existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** @param {string} path */
export const isTest = (path) => /\.test\.tsx?$/.test(path)

const STATEMENT = /(?:^|\n)(import|export)\s+(type\s+)?([^'";]*?)\s*from\s*'([^']+)'/g
const BARE = /(?:^|\n)import\s+'([^']+)'/g
const DYNAMIC = /import\(\s*'([^']+)'\s*\)(?:\)?\.(\w+))?/g

const load = /** @type {const} */ ('load')
const typeOnly = /** @type {const} */ ('type')
const later = /** @type {const} */ ('later')

/** Type imports included. @param {SourceFile} file @returns {Import[]} */
export function listImports({ path, text }) {
  const found = [
    ...[...text.matchAll(STATEMENT)].map(([, word, type, clause = '', spec = '']) => ({
      spec,
      names: parseClause(clause),
      passesOn: word === 'export' && clause === '*',
      when: type !== undefined || isOfTypesOnly(clause) ? typeOnly : load,
    })),
    ...[...text.matchAll(BARE)].map(([, spec = '']) => ({ spec, names: [], passesOn: false, when: load })),
    ...[...text.matchAll(DYNAMIC)].map(([, spec = '', name]) => ({
      spec,
      names: [name ?? '*'],
      passesOn: false,
      when: later,
    })),
  ]
  return found.map(({ spec, ...rest }) => {
    const isPackage = !spec.startsWith('.')
    return { from: path, to: isPackage ? spec : posix.join(posix.dirname(path), spec), isPackage, ...rest }
  })
}

/** `{ type A, type B }`: the compiler takes the whole statement away. @param {string} clause */
function isOfTypesOnly(clause) {
  const names = /^\{([^}]*)\}$/.exec(clause.trim())?.[1]?.split(',') ?? []
  const named = names.map((name) => name.trim()).filter((name) => name !== '')
  return named.length > 0 && named.every((name) => name.startsWith('type '))
}

/** @param {string} clause what stands between `import` and `from` */
function parseClause(clause) {
  const inBraces = /\{([^}]*)\}/.exec(clause)?.[1]
  if (inBraces === undefined) return ['*']
  return inBraces
    .split(',')
    .map(
      (item) =>
        item
          .trim()
          .replace(/^type\s+/, '')
          .split(/\s+as\s+/)[0] ?? '',
    )
    .filter((name) => name !== '')
}

/**
 * Exported names that need a reader elsewhere: values, and types that their own file does not mention again. A type in
 * the signature of an exported function may be exported for whoever will need its name.
 * @param {SourceFile} file
 * @returns {string[]}
 */
export function listExports({ text }) {
  const declared = /(?:^|\n)export\s+(?:async\s+)?(function\*?|const|let|class|interface|type)\s+(\w+)/g
  return [...text.matchAll(declared)].flatMap(([, kind = '', name = '']) => {
    const isType = kind === 'interface' || kind === 'type'
    const mentions = text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0
    return isType && mentions > 1 ? [] : [name]
  })
}

/**
 * One circle of the graph, as the nodes along it; undefined where there is none.
 * @param {ReadonlyMap<string, ReadonlySet<string>>} graph
 * @returns {string[] | undefined}
 */
export function findCircle(graph) {
  /** @type {Map<string, 'open' | 'done'>} */
  const state = new Map()
  /** @type {string[]} */
  const trail = []
  /** @param {string} node @returns {string[] | undefined} */
  const visit = (node) => {
    if (state.get(node) === 'done') return undefined
    if (state.get(node) === 'open') return [...trail.slice(trail.indexOf(node)), node]
    state.set(node, 'open')
    trail.push(node)
    for (const next of graph.get(node) ?? []) {
      const circle = visit(next)
      if (circle !== undefined) return circle
    }
    trail.pop()
    state.set(node, 'done')
    return undefined
  }
  for (const node of graph.keys()) {
    const circle = visit(node)
    if (circle !== undefined) return circle
  }
  return undefined
}

/** @param {readonly Import[]} imports @param {(path: string) => string} nodeOf */
export function graphOf(imports, nodeOf) {
  /** @type {Map<string, Set<string>>} */
  const graph = new Map()
  for (const { from, to, isPackage } of imports) {
    const [a, b] = [nodeOf(from), nodeOf(to)]
    if (isPackage || a === b) continue
    graph.set(a, (graph.get(a) ?? new Set()).add(b))
  }
  return graph
}

/**
 * What is loaded with the files of `from` before anything is called for: their files and packages, and those of these.
 * @param {readonly Import[]} imports @param {readonly string[]} from
 */
export function loadedWith(imports, from) {
  const files = new Set(from)
  /** @type {Set<string>} */
  const packages = new Set()
  for (const file of files)
    for (const { to, isPackage } of imports.filter((one) => one.from === file && one.when === 'load'))
      (isPackage ? packages : files).add(to)
  return { files, packages }
}

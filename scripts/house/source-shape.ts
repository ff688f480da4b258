// The shape of a source file by its syntax tree: how long its functions are, and what its exports say of themselves.
import { parseSync } from 'vite'
import type { SourceFile } from './import-graph.mjs'

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

export interface ShapedFunction {
  /** `path:line`. */
  readonly at: string
  readonly lines: number
}

export interface ExportedFunction {
  /** `path:line name`; methods as `Class.method`. */
  readonly at: string
  /** The comment before it. Absent: none. */
  readonly comment: string | undefined
  readonly returnType: string
  /** It throws by itself, not only by what it calls. */
  readonly throws: boolean
  readonly isMethod: boolean
  /** The comment before its class. Absent: none, or it is no method. */
  readonly classComment: string | undefined
  /** See `listDeclarations`. */
  readonly mentions: ReadonlySet<string>
}

export interface Declaration {
  readonly name: string
  /** Names that it mentions, itself and through what of its own file it mentions; private members with their #, and the types of its fields. */
  readonly mentions: ReadonlySet<string>
}

const functionTypes = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']

/** Every function, nested ones too. Of a test, what `describe` is given only groups others and is left out. */
export function listFunctions(file: SourceFile): ShapedFunction[] {
  const lineAt = linesOf(file.text)
  const found: ShapedFunction[] = []
  visit(programOf(file), (node, parent) => {
    if (!functionTypes.includes(node.type) || isGroup(parent)) return
    const line = lineAt(node.start)
    found.push({ at: `${file.path}:${line}`, lines: lineAt(node.end) - line + 1 })
  })
  return found
}

/** Exported functions, and the public methods of exported classes. */
export function listExportedFunctions(file: SourceFile): ExportedFunction[] {
  const program = programOf(file)
  const lineAt = linesOf(file.text)
  const own = listOwn(program)
  const describe = (name: string, outer: Node, fn: Node, ofClass?: Node): ExportedFunction => ({
    at: `${file.path}:${lineAt(outer.start)} ${name}`,
    comment: commentBefore(file.text, outer.start),
    returnType: textOf(file, fn.returnType),
    throws: throwsItself(fn),
    isMethod: ofClass !== undefined,
    classComment: ofClass && commentBefore(file.text, ofClass.start),
    mentions: fn.body ? mentionsFrom(own, fn.body as Node) : new Set(),
  })
  const statements = exportsOf(program)
  const overloads = statements.map(({ declaration }) => declaration as Node | null)
  const overloaded = new Set(
    overloads.filter((one) => one?.type === 'TSDeclareFunction').map((one) => nameOf(one as Node)),
  )
  return statements.flatMap((statement) => {
    const declared = statement.declaration as Node | null
    if (declared === null) return []
    if (declared.type === 'TSDeclareFunction') return [describe(nameOf(declared), statement, declared)]
    if (declared.type === 'FunctionDeclaration')
      return overloaded.has(nameOf(declared)) ? [] : [describe(nameOf(declared), statement, declared)]
    if (declared.type === 'VariableDeclaration')
      return listNodes(declared.declarations)
        .map((item) => ({ name: nameOf(item), fn: item.init as Node | null }))
        .filter(({ fn }) => fn !== null && functionTypes.includes(fn.type))
        .map(({ name, fn }) => describe(name, statement, fn as Node))
    // An interface says what the methods of its classes promise.
    if (declared.type !== 'ClassDeclaration' || listNodes(declared.implements).length > 0) return []
    return listNodes((declared.body as Node).body)
      .filter(isPublicMethod)
      .map((method) =>
        describe(`${nameOf(declared)}.${nameOfKey(method)}`, method, method.value as Node, statement),
      )
  })
}

/** Exported functions and classes, with what they mention. */
export function listDeclarations(file: SourceFile): Declaration[] {
  const program = programOf(file)
  const own = listOwn(program)
  return exportsOf(program)
    .flatMap(({ declaration }) => namedIn(declaration as Node | null))
    .filter(([, { type }]) => type === 'ClassDeclaration' || functionTypes.includes(type))
    .map(([name, node]) => ({ name, mentions: mentionsFrom(own, node) }))
}

const exportsOf = (program: Node): Node[] =>
  listNodes(program.body).filter(({ type }) => type === 'ExportNamedDeclaration')

/** What the file declares, by its name, and private members of its classes. */
function listOwn(program: Node): ReadonlyMap<string, Node> {
  const declared = listNodes(program.body).flatMap((statement) =>
    namedIn(statement.type === 'ExportNamedDeclaration' ? (statement.declaration as Node | null) : statement),
  )
  const members = declared
    .filter(([, { type }]) => type === 'ClassDeclaration')
    .flatMap(([, node]) => listNodes((node.body as Node).body))
    .filter(({ key }) => (key as Node | undefined)?.type === 'PrivateIdentifier')
    .map((member) => [`#${nameOfKey(member)}`, member] as const)
  return new Map([...declared, ...members])
}

function namedIn(declaration: Node | null): (readonly [string, Node])[] {
  if (declaration?.type === 'VariableDeclaration')
    return listNodes(declaration.declarations).flatMap((item) =>
      listNodes(item.init).map((init) => [nameOf(item), init] as const),
    )
  const isNamed = declaration?.type === 'FunctionDeclaration' || declaration?.type === 'ClassDeclaration'
  return isNamed ? [[nameOf(declaration), declaration]] : []
}

function mentionsFrom(own: ReadonlyMap<string, Node>, start: Node): ReadonlySet<string> {
  const names = new Set<string>()
  const left = [start]
  for (let node = left.pop(); node !== undefined; node = left.pop())
    visit(node, (within, parent) => {
      const name = mentionOf(within, parent)
      if (name === undefined || names.has(name)) return
      names.add(name)
      left.push(...listNodes(own.get(name)))
    })
  return names
}

/** undefined: no identifier, or the name of a property, which is another's. */
function mentionOf(node: Node, parent: Node | undefined): string | undefined {
  if (node.type === 'PrivateIdentifier') return `#${node.name}`
  if (node.type !== 'Identifier') return undefined
  const named = parent?.type === 'MemberExpression' ? parent.property : parent?.key
  return named === node && parent?.computed === false ? undefined : String(node.name)
}

function isPublicMethod(member: Node): boolean {
  return (
    member.type === 'MethodDefinition' &&
    member.kind !== 'constructor' &&
    (member.key as Node).type !== 'PrivateIdentifier'
  )
}

/** A block comment, or lines of `//`, that end right before. */
function commentBefore(text: string, start: number): string | undefined {
  const before = text.slice(0, start).trimEnd()
  if (text.slice(before.length, start).split('\n').length > 2) return undefined
  if (before.endsWith('*/')) return before.slice(before.lastIndexOf('/**'))
  return undefined
}

function throwsItself(fn: Node): boolean {
  if (fn.body === null || fn.body === undefined) return false
  let found = false
  visit(fn.body as Node, (node) => {
    // What is thrown again is named by whoever threw it first.
    if (node.type === 'ThrowStatement' && (node.argument as Node).type !== 'Identifier') found = true
  })
  return found
}

function isGroup(parent: Node | undefined): boolean {
  if (parent?.type !== 'CallExpression') return false
  let callee = parent.callee as Node
  while (callee.type !== 'Identifier') {
    const next = (callee.object ?? callee.callee ?? callee.tag) as Node | undefined
    if (next === undefined) return false
    callee = next
  }
  return callee.name === 'describe'
}

function programOf({ path, text }: SourceFile): Node {
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`cannot parse ${path}: ${errors[0]?.message}`)
  return program as unknown as Node
}

function visit(node: Node, see: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  see(node, parent)
  for (const value of Object.values(node)) for (const child of listNodes(value)) visit(child, see, node)
}

function listNodes(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(listNodes)
  return typeof value === 'object' && value !== null && 'type' in value ? [value as Node] : []
}

const nameOf = (node: Node): string => String((node.id as Node | null)?.name ?? '')
const nameOfKey = (node: Node): string => String((node.key as Node).name ?? (node.key as Node).value ?? '')

function textOf({ text }: SourceFile, node: unknown): string {
  const [found] = listNodes(node)
  return found === undefined ? '' : text.slice(found.start, found.end)
}

/** The line of a place in the text, counted from 1. */
function linesOf(text: string): (place: number) => number {
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index)
  return (place) => {
    let [from, to] = [0, ends.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((ends[middle] as number) < place) from = middle + 1
      else to = middle
    }
    return from + 1
  }
}

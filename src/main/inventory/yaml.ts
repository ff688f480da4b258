// Reads an Ansible inventory in YAML form, by the rules of Ansible's own plugin. Pure.
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml'
import { Inventory } from './groups.ts'
import { isAddressVariable, isTemplate } from './imported-host.ts'
import { expandHostPattern } from './ranges.ts'
import { badLine } from './refusals.ts'
import type { Value } from './values.ts'

const maxDepth = 32
const tooDeep = 'it is nested too deep'
const sections = new Set(['hosts', 'vars', 'children'])

/** Throws `bad-input` with the line that Ansible would refuse. */
export function parseYamlInventory(text: string): Inventory {
  try {
    return readDocument(text)
  } catch (error) {
    // The parser walks into what is nested, and its stack ends some thousand steps down.
    if (error instanceof RangeError) throw badLine(1, tooDeep, error)
    throw error
  }
}

function readDocument(text: string): Inventory {
  const lines = new LineCounter()
  // Ansible reads YAML 1.1, whatever version is written there: `yes` is a truth value, 022 is octal, `<<` merges.
  const old = text.replace(/^%YAML[ \t]+1\.\d+/m, '%YAML 1.1')
  const document = parseDocument(old, { version: '1.1', lineCounter: lines, uniqueKeys: false })
  const [error] = document.errors
  if (error && /call stack/.test(error.message)) throw badLine(error.linePos?.[0].line ?? 1, tooDeep, error)
  if (error) throw badLine(error.linePos?.[0].line ?? 1, error.message.split('\n')[0] ?? error.code, error)
  return new YamlReader(document, lines).read()
}

/** Undefined stands for an empty value. */
type Entries = ReadonlyMap<string, unknown>

class YamlReader {
  readonly #document: Document
  readonly #lines: LineCounter
  readonly #inventory = new Inventory()
  /** By the alias. Looking each one up by itself would walk the whole document again. */
  readonly #targets = new Map<Alias, unknown>()
  #entriesRead = 0

  constructor(document: Document, lines: LineCounter) {
    this.#document = document
    this.#lines = lines
    const anchors = new Map<string, unknown>()
    visit(document, {
      Value: (_, node) => {
        if (node.anchor !== undefined) anchors.set(node.anchor, node)
      },
      Alias: (_, node) => {
        const target = anchors.get(node.source)
        if (target === undefined) throw badLine(this.#lineOf(node), `*${node.source} stands for nothing`)
        this.#targets.set(node, target)
      },
    })
  }

  read(): Inventory {
    const groups = this.#entries(this.#document.contents, 'the inventory', 1)
    if (groups.has('plugin')) throw badLine(1, 'it configures an Ansible plugin and names no hosts')
    for (const [name, value] of groups) {
      if (this.#isMapOrEmpty(value)) this.#readGroup(name, value, 0)
      else this.#inventory.noteProblem(this.#lineOf(value), `${name} is not a group and was ignored`)
    }
    return this.#inventory
  }

  #readGroup(name: string, node: unknown, depth: number): void {
    const line = this.#lineOf(node)
    if (depth > maxDepth) throw badLine(line, `groups are nested more than ${maxDepth} deep`)
    if (name === '') throw badLine(line, 'a group has no name')
    this.#inventory.addGroup(name, line)
    for (const [key, value] of this.#entries(node, `group ${name}`, line)) {
      const at = this.#lineOf(value, line)
      if (!sections.has(key))
        this.#inventory.noteProblem(at, `${key} in group ${name} does not belong in a group and was ignored`)
      else if (key === 'hosts') this.#readHosts(name, value, at)
      else if (key === 'vars') this.#readVariables([name], value, `vars of ${name}`, at)
      else this.#readChildren(name, value, at, depth)
    }
  }

  #readHosts(group: string, node: unknown, line: number): void {
    for (const [pattern, variables] of this.#entries(node, `hosts of ${group}`, line, true)) {
      const at = this.#lineOf(variables, line)
      const { names, port } = expandHostPattern(pattern, at)
      for (const name of names) this.#inventory.addHost(name, group, port, at)
      this.#readVariables(names, variables, pattern, at)
    }
  }

  #readChildren(group: string, node: unknown, line: number, depth: number): void {
    for (const [child, childNode] of this.#entries(node, `children of ${group}`, line, true)) {
      if (!this.#isMapOrEmpty(childNode))
        throw badLine(this.#lineOf(childNode, line), `child ${child} should be a map`)
      this.#readGroup(child, childNode, depth + 1)
      this.#inventory.addChild(group, child, line)
    }
  }

  #readVariables(owners: readonly string[], node: unknown, what: string, line: number): void {
    for (const [key, value] of this.#entries(node, what, line, what.startsWith('vars of '))) {
      const target = this.#target(value)
      const at = this.#lineOf(value, line)
      const tag = isScalar(target) ? target.tag : undefined
      const isText = tag === '!unsafe'
      if (!isText && tag?.startsWith('!') && (tag === '!vault' || isAddressVariable(key))) {
        this.#inventory.noteProblem(at, `${key} of ${what} is tagged ${tag} and was ignored`)
      } else if (isAddressVariable(key) && (isScalar(target) || target === null || target === undefined)) {
        const text = readScalar(target)
        if (!isText && text !== null && isTemplate(text))
          this.#inventory.noteProblem(at, `${key} is a template and was ignored`)
        else for (const owner of owners) this.#inventory.setVariable(owner, key, text, at)
      }
    }
  }

  #isMapOrEmpty(node: unknown): boolean {
    const target = this.#target(node)
    return isMap(target) || isEmpty(target)
  }

  /** The last of equal keys counts, and those written out outweigh merged ones. `mayBeText`: a lone name is a key. */
  #entries(node: unknown, what: string, line: number, mayBeText = false): Entries {
    const target = this.#target(node)
    if (isEmpty(target)) return new Map()
    if (mayBeText && isScalar(target) && typeof target.value === 'string')
      return new Map([[target.value, undefined]])
    if (!isMap(target)) throw badLine(this.#lineOf(node, line), `${what} should be a map`)
    const merged = new Map<string, unknown>()
    const own = new Map<string, unknown>()
    for (const { key, value } of target.items) {
      this.#entriesRead += 1
      if (this.#entriesRead > 200_000) throw badLine(line, 'its aliases make it too large')
      if (isScalar(key) && key.source === '<<' && key.type === 'PLAIN') {
        for (const [name, each] of this.#mergedEntries(value, what, line))
          if (!merged.has(name)) merged.set(name, each)
      } else own.set(this.#keyOf(key, what, line), value)
    }
    return new Map([...merged, ...own])
  }

  #mergedEntries(node: unknown, what: string, line: number): [string, unknown][] {
    const target = this.#target(node)
    const nodes: unknown[] = isSeq(target) ? target.items : [target]
    // The first of several maps outweighs the others.
    return nodes.flatMap((each) => [...this.#entries(each, what, line)])
  }

  #keyOf(key: unknown, what: string, line: number): string {
    const target = this.#target(key)
    if (isScalar(target) && (typeof target.value === 'string' || isTextInPython(target)))
      return typeof target.value === 'string' ? target.value : (target.source ?? '')
    throw badLine(this.#lineOf(key, line), `a name in ${what} is not text: put it in quotes`)
  }

  #target(node: unknown): unknown {
    return isAlias(node) ? this.#targets.get(node) : node
  }

  #lineOf(node: unknown, otherwise = 1): number {
    const range = isMap(node) || isScalar(node) || isAlias(node) || isSeq(node) ? node.range : undefined
    return range ? this.#lines.linePos(range[0]).line : otherwise
  }
}

function isEmpty(target: unknown): boolean {
  return target === null || target === undefined || (isScalar(target) && target.value === null)
}

/** PyYAML takes a lone y or n for text, and 1e3, where a dot or a sign is missing; YAML 1.1 does not. */
function isTextInPython({ source = '', value }: Scalar): boolean {
  if (typeof value === 'number') return /^[-+\d._]+e[-+]?\d+$/i.test(source) && !/\.\d*e[-+]/i.test(source)
  return /^[yn]$/i.test(source)
}

/** As Python would write the value. */
function readScalar(target: unknown): Value {
  if (!isScalar(target) || target.value === null || target.value === undefined) return null
  const { value, source } = target
  if (isTextInPython(target)) return source ?? ''
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : (source ?? null)
}

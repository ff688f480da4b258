// Reads an Ansible inventory in YAML form. Tags are never resolved to anything but a note. Pure.
import { type Document, isAlias, isMap, isScalar, LineCounter, parseDocument, type YAMLMap } from 'yaml'
import { addressVariables, isTemplate } from './inventory-host.ts'
import { badLine, Inventory } from './inventory-model.ts'

const deepestGroup = 32

export function parseYamlInventory(text: string): Inventory {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true, uniqueKeys: true })
  const [error] = document.errors
  if (error) throw badLine(error.linePos?.[0].line ?? 1, error.message.split('\n')[0] ?? error.code, error)
  return new YamlReader(document, lines).read()
}

class YamlReader {
  readonly #document: Document
  readonly #lines: LineCounter
  readonly #inventory = new Inventory()
  readonly #targets = new Map<object, unknown>()

  constructor(document: Document, lines: LineCounter) {
    this.#document = document
    this.#lines = lines
  }

  read(): Inventory {
    for (const [name, value] of this.#entries(this.#document.contents, 'the inventory', 1)) {
      this.#readGroup(name, value, 0)
    }
    return this.#inventory
  }

  #readGroup(name: string, node: unknown, depth: number): void {
    const line = this.#lineOf(node)
    if (depth > deepestGroup) throw badLine(line, `groups are nested more than ${deepestGroup} deep`)
    const group = this.#inventory.group(name, line)
    for (const [key, value] of this.#entries(node, `group ${name}`, line)) {
      if (key === 'hosts') {
        for (const [pattern, variables] of this.#entries(value, `hosts of ${name}`, line)) {
          const at = this.#lineOf(variables, line)
          this.#inventory.addHosts(group, pattern, this.#readVariables(variables, pattern, at), at)
        }
      } else if (key === 'vars') {
        for (const [variable, text] of this.#readVariables(value, `vars of ${name}`, line)) {
          group.variables.set(variable, text)
        }
      } else if (key === 'children') {
        for (const [child, childNode] of this.#entries(value, `children of ${name}`, line)) {
          group.children.add(child)
          this.#readGroup(child, childNode, depth + 1)
        }
      } else this.#inventory.note(line, `${key} in group ${name} is no part of a group and was ignored`)
    }
  }

  #readVariables(node: unknown, owner: string, line: number): Map<string, string> {
    const variables = new Map<string, string>()
    for (const [key, value] of this.#entries(node, owner, line)) {
      const target = this.#target(value)
      const tag = isScalar(target) ? target.tag : undefined
      if (tag?.startsWith('!') && (tag === '!vault' || addressVariables.has(key))) {
        this.#inventory.note(this.#lineOf(value, line), `${key} of ${owner} is tagged ${tag} and was ignored`)
      } else if (addressVariables.has(key) && isScalar(target) && target.value !== null) {
        const text = String(target.value)
        if (isTemplate(text))
          this.#inventory.note(this.#lineOf(value, line), `${key} is a template and was ignored`)
        else variables.set(key, text)
      }
    }
    return variables
  }

  /** Empty stands for an empty map, as Ansible has it. */
  #entries(node: unknown, what: string, line: number): [string, unknown][] {
    const target = this.#target(node)
    if (target === null || target === undefined || (isScalar(target) && target.value === null)) return []
    if (!isMap(target)) throw badLine(this.#lineOf(node, line), `${what} should be a map`)
    return (target as YAMLMap).items.map(({ key, value }) => {
      if (!isScalar(key)) throw badLine(this.#lineOf(key, line), `a name in ${what} is no text`)
      return [key.source ?? String(key.value), value]
    })
  }

  #target(node: unknown): unknown {
    if (!isAlias(node)) return node
    // Finding an anchor walks the whole document.
    if (!this.#targets.has(node)) this.#targets.set(node, node.resolve(this.#document))
    return this.#targets.get(node)
  }

  #lineOf(node: unknown, otherwise = 1): number {
    const range = isMap(node) || isScalar(node) || isAlias(node) ? node.range : undefined
    return range ? this.#lines.linePos(range[0]).line : otherwise
  }
}

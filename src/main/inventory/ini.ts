// Reads an Ansible inventory in INI form, by the rules of Ansible's own plugin. Pure.
import { Inventory } from './groups.ts'
import { isAddressVariable, isTemplate } from './imported-host.ts'
import { expandHostPattern } from './ranges.ts'
import { badLine } from './refusals.ts'
import { readLiteral, splitShellWords } from './values.ts'

type SectionKind = 'hosts' | 'vars' | 'children'

const sectionHead = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/
const groupName = /^([^:\]\s]+)\s*(?:#.*)?$/
const [fileSeparator, recordSeparator] = [0x1c, 0x1e].map((code) => String.fromCharCode(code))
/** As Python's `splitlines`. */
export const lineEnd = new RegExp(`\r\n|[\n\r\v\f${fileSeparator}-${recordSeparator}\u0085\u2028\u2029]`)

/** Throws `bad-input` with the line that Ansible would refuse. */
export function parseIniInventory(text: string): Inventory {
  const reader = new IniReader()
  text.split(lineEnd).forEach((raw, index) => {
    const line = raw.trim()
    if (line !== '' && !line.startsWith('#') && !line.startsWith(';')) reader.read(line, index + 1)
  })
  return reader.finish()
}

class IniReader {
  readonly #inventory = new Inventory()
  #section: { readonly name: string; readonly kind: SectionKind } = { name: 'ungrouped', kind: 'hosts' }
  /** Named as somebody's child, or given variables, and perhaps declared later. */
  readonly #undeclared = new Map<string, { readonly line: number; readonly use: string }>()
  readonly #declared = new Set(['all', 'ungrouped'])
  readonly #edges: { readonly parent: string; readonly child: string; readonly line: number }[] = []

  read(line: string, number: number): void {
    const head = sectionHead.exec(line)
    if (head !== null) this.#open(head[1] ?? '', head[2] ?? 'hosts', number)
    else if (line.startsWith('[') && line.endsWith(']'))
      throw badLine(number, `${line} is not a section: expected [group], [group:vars] or [group:children]`)
    else if (this.#section.kind === 'vars') this.#readVariable(line, number)
    else if (this.#section.kind === 'children') this.#readChild(line, number)
    else this.#readHosts(line, number)
  }

  finish(): Inventory {
    for (const [name, { line, use }] of this.#undeclared) {
      if (!this.#declared.has(name)) throw badLine(line, `group ${name} ${use} but is never declared`)
    }
    for (const { parent, child, line } of this.#edges) this.#inventory.addChild(parent, child, line)
    return this.#inventory
  }

  #open(name: string, kind: string, line: number): void {
    if (kind !== 'hosts' && kind !== 'vars' && kind !== 'children')
      throw badLine(
        line,
        `[${name}:${kind}] is not a section: expected [group], [group:vars] or [group:children]`,
      )
    this.#section = { name, kind }
    this.#inventory.addGroup(name, line)
    if (kind === 'vars') this.#mention(name, line, 'has variables')
    else this.#declared.add(name)
  }

  #mention(name: string, line: number, use: string): void {
    if (!this.#undeclared.has(name)) this.#undeclared.set(name, { line, use })
  }

  #readVariable(line: string, number: number): void {
    const equals = line.indexOf('=')
    if (equals === -1) throw badLine(number, 'expected name=value')
    this.#setVariable(this.#section.name, line.slice(0, equals).trim(), line.slice(equals + 1).trim(), number)
  }

  #readChild(line: string, number: number): void {
    const child = groupName.exec(line)?.[1]
    if (child === undefined) throw badLine(number, `${line} is not the name of a group`)
    this.#mention(child, number, 'is a child')
    this.#edges.push({ parent: this.#section.name, child, line: number })
  }

  #readHosts(line: string, number: number): void {
    const [pattern = '', ...assignments] = splitShellWords(line) ?? []
    if (pattern === '') throw badLine(number, 'a quote is not closed')
    const { names, port } = expandHostPattern(pattern, number)
    if (pattern.endsWith(':') && port === undefined) throw badLine(number, `${pattern} ends with a colon`)
    if (names.some((name) => name.includes('=')))
      throw badLine(number, 'expected a host before its variables')
    if (names.includes('---')) throw badLine(number, '--- starts YAML, but this is INI')
    for (const name of names) this.#inventory.addHost(name, this.#section.name, port, number)
    for (const assignment of assignments) {
      const equals = assignment.indexOf('=')
      if (equals === -1) throw badLine(number, `expected name=value, not ${assignment}`)
      const [key, value] = [assignment.slice(0, equals), assignment.slice(equals + 1)]
      for (const name of names) this.#setVariable(name, key, value, number)
    }
  }

  #setVariable(owner: string, key: string, text: string, line: number): void {
    if (!isAddressVariable(key)) return
    const value = readLiteral(text)
    if (value !== null && isTemplate(value))
      this.#inventory.noteProblem(line, `${key} is a template and was ignored`)
    else this.#inventory.setVariable(owner, key, value, line)
  }
}

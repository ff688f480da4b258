// Reads an Ansible inventory in INI form. Pure.
import { addressVariables, isTemplate } from './inventory-host.ts'
import { badLine, Inventory } from './inventory-model.ts'

type SectionKind = 'hosts' | 'vars' | 'children'

export const sectionHead = /^\[([^\]:[\s]+)(?::(vars|children|hosts))?\]$/
const firstWord = /^\S+/
const assignment = /([\w.-]+)\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*'|\S+)/g

export function parseIniInventory(text: string): Inventory {
  const inventory = new Inventory()
  let section: { readonly name: string; readonly kind: SectionKind } = { name: 'ungrouped', kind: 'hosts' }
  text.split('\n').forEach((raw, index) => {
    const number = index + 1
    const line = withoutComment(raw)
    if (line === '') return
    const head = sectionHead.exec(line)
    if (head?.[1] !== undefined) {
      section = { name: head[1], kind: (head[2] ?? 'hosts') as SectionKind }
      inventory.group(section.name, number)
    } else if (/^\[[^\]]*\]?$/.test(line) && !line.includes('::')) {
      throw badLine(number, `${line} is no section: expected [group], [group:vars] or [group:children]`)
    } else addLine(inventory, section, { line, number })
  })
  return inventory
}

interface NumberedLine {
  readonly line: string
  readonly number: number
}

function addLine(
  inventory: Inventory,
  section: { readonly name: string; readonly kind: SectionKind },
  { line, number }: NumberedLine,
): void {
  const group = inventory.group(section.name, number)
  if (section.kind === 'vars') {
    const found = readVariables(inventory, line, number)
    for (const [key, value] of found) group.variables.set(key, value)
    if (!line.includes('=')) throw badLine(number, 'expected name=value')
    return
  }
  const [word = ''] = firstWord.exec(line) ?? []
  if (section.kind === 'children') {
    inventory.group(word, number)
    group.children.add(word)
    return
  }
  if (word.includes('=')) throw badLine(number, 'expected a host before its variables')
  inventory.addHosts(group, word, readVariables(inventory, line.slice(word.length), number), number)
}

function readVariables(inventory: Inventory, text: string, line: number): Map<string, string> {
  const variables = new Map<string, string>()
  for (const [, key = '', quoted = ''] of text.matchAll(assignment)) {
    if (!addressVariables.has(key)) continue
    const value = quoted.replace(/^(["'])(.*)\1$/, '$2')
    if (isTemplate(value)) inventory.note(line, `${key} is a template and was ignored`)
    else variables.set(key, value)
  }
  return variables
}

function withoutComment(line: string): string {
  return line.replace(/^\s*[#;].*|\s#.*/, '').trim()
}

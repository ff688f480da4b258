// Reads what people paste to add many hosts: a list, or an Ansible inventory in INI or YAML. Pure.
import type { ImportedHost, ImportProblem } from '../../shared/contract/index.ts'
import { checkImported, type FoundHost } from './inventory-host.ts'
import { parseIniInventory, sectionHead } from './inventory-ini.ts'
import { parseYamlInventory } from './inventory-yaml.ts'

export interface ParsedInventory {
  readonly hosts: readonly ImportedHost[]
  readonly problems: readonly ImportProblem[]
}

/** Throws `bad-input` naming the line for an inventory that Ansible would refuse. */
export function parseInventory(text: string): ParsedInventory {
  const clean = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  const lines = clean.split('\n').map((line) => line.trim())
  if (looksLikeYaml(lines)) return resolved(parseYamlInventory(clean))
  if (looksLikeIni(lines)) return resolved(parseIniInventory(clean))
  return parseHostList(lines)
}

function resolved(inventory: {
  hosts(): ImportedHost[]
  readonly problems: ImportProblem[]
}): ParsedInventory {
  const hosts = inventory.hosts()
  return { hosts, problems: inventory.problems }
}

function looksLikeYaml(lines: readonly string[]): boolean {
  const first = lines.find((line) => line !== '' && !line.startsWith('#'))
  return first !== undefined && /^(---|["']?[\w.-]+["']?:(\s|$)|\{)/.test(first)
}

function looksLikeIni(lines: readonly string[]): boolean {
  return lines.some(
    (line) => sectionHead.test(line.replace(/\s[#;].*/, '')) || /^[^#;].*\sansible_\w+\s*=/.test(line),
  )
}

/** A host a line: `[user@]host[:port]`, then its name and its tags, if any. Or addresses between commas. */
function parseHostList(lines: readonly string[]): ParsedInventory {
  const hosts = new Map<string, ImportedHost>()
  const problems: ImportProblem[] = []
  lines.forEach((raw, index) => {
    const line = index + 1
    for (const host of readListLine(raw.replace(/(^|\s)#.*/, ''))) {
      const checked = checkImported({ ...host, line })
      if ('problem' in checked) problems.push({ line, text: checked.problem.slice(0, 4096) })
      else if (!hosts.has(host.address)) hosts.set(host.address, checked)
    }
  })
  return { hosts: [...hosts.values()], problems }
}

function readListLine(line: string): Omit<FoundHost, 'line'>[] {
  const [address, name, ...tags] = line.split(/\s+/).filter(Boolean)
  if (address === undefined) return []
  if (/[,;]/.test(address)) {
    const addresses = line.split(/[\s,;]+/).filter(Boolean)
    return addresses.map((each) => ({ name: each, address: each, tags: [] }))
  }
  return [{ name: name ?? address, address, tags: tags.flatMap((tag) => tag.split(/[,;]/)).filter(Boolean) }]
}

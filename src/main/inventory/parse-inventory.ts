// Reads what people paste to add many hosts: a list, or an Ansible inventory in INI or YAML. Pure.
import { isIPv6 } from 'node:net'
import type { ImportedHost, ImportProblem } from '../../shared/contract/index.ts'
import { checkImported, type FoundHost } from './imported-host.ts'
import { lineEnd, parseIniInventory } from './ini.ts'
import { maxHosts } from './ranges.ts'
import { tooManyHosts } from './refusals.ts'
import { parseYamlInventory } from './yaml.ts'

const maxProblems = 1000

export interface ParsedInventory {
  readonly hosts: readonly ImportedHost[]
  readonly problems: readonly ImportProblem[]
}

/** Throws `bad-input` naming the line for an inventory that Ansible would refuse. */
export function parseInventory(text: string): ParsedInventory {
  const clean = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  const lines = clean.split(lineEnd).map((line) => line.trim())
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

const yamlStart = /^(---|%YAML|\{|(?:[\w.-]+|"[^"]*"|'[^']*')\s*:(\s|$))/

function looksLikeYaml(lines: readonly string[]): boolean {
  const first = lines.find((line) => line !== '' && !line.startsWith('#'))
  return first !== undefined && yamlStart.test(first)
}

const assignment = /^[^#;\s]\S*\s+[\w.-]+=/
const range = /^[^#;\s]*\[\w*:\w+(:\d+)?\]/

function looksLikeIni(lines: readonly string[]): boolean {
  return lines.some((line) => isBracketed(line) || assignment.test(line) || range.test(line))
}

/** A section, even a broken one: of addresses only those of IPv6 begin like that. */
function isBracketed(line: string): boolean {
  if (!line.startsWith('[')) return false
  const [, inside = ''] = /^\[([^\]%]+)(?:%[^\]]*)?\](?::\d+)?(?:[\s,;]|$)/.exec(line) ?? []
  return !isIPv6(inside)
}

/** A host a line: `[user@]host[:port]`, then its name and its tags, if any. Or addresses between commas. */
function parseHostList(lines: readonly string[]): ParsedInventory {
  const hosts = new Map<string, ImportedHost>()
  const problems: ImportProblem[] = []
  lines.forEach((raw, index) => {
    const line = index + 1
    for (const host of readListLine(raw.replace(/(^|\s)#.*/, ''))) {
      const checked = checkImported({ ...host, line })
      if ('problem' in checked) {
        if (problems.length < maxProblems) problems.push({ line, text: checked.problem.slice(0, 4096) })
      } else if (!hosts.has(host.address)) hosts.set(host.address, checked)
      if (hosts.size > maxHosts) throw tooManyHosts(maxHosts, line)
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

// An Ansible inventory as groups of hosts with variables, and the hosts that follow from it. Pure.
import type { ImportedHost, ImportProblem } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { addressOf, checkImported, detourProblem, type Variables } from './inventory-host.ts'

interface Group {
  readonly hosts: Map<string, Variables>
  readonly variables: Map<string, string>
  readonly children: Set<string>
}

const mostHosts = 10_000
/** Aliases of YAML can make a short text a very large inventory. */
const mostVisits = 100_000
const untaggedGroups = new Set(['all', 'ungrouped'])

export class Inventory {
  readonly problems: ImportProblem[] = []
  readonly #groups = new Map<string, Group>()
  readonly #firstLines = new Map<string, number>()
  #visits = 0

  group(name: string, line: number): Group {
    this.#visit(line)
    const known = this.#groups.get(name)
    if (known) return known
    const group: Group = { hosts: new Map(), variables: new Map(), children: new Set() }
    this.#groups.set(name, group)
    return group
  }

  /** `pattern` may hold ranges: `web[01:10]`. Variables of a host named twice add up. */
  addHosts(group: Group, pattern: string, variables: Variables, line: number): void {
    for (const name of expandRanges(pattern, line)) {
      this.#visit(line)
      if (!this.#firstLines.has(name)) this.#firstLines.set(name, line)
      group.hosts.set(name, new Map([...(group.hosts.get(name) ?? []), ...variables]))
    }
  }

  note(line: number, text: string): void {
    this.problems.push({ line, text })
  }

  hosts(): ImportedHost[] {
    const parents = this.#parents()
    const names = new Set([...this.#groups.values()].flatMap(({ hosts }) => [...hosts.keys()]))
    if (names.size > mostHosts) throw tooLarge()
    return [...names].flatMap((name) => this.#resolve(name, parents) ?? [])
  }

  #visit(line: number): void {
    this.#visits += 1
    if (this.#visits > mostVisits) throw tooLarge(line)
  }

  #parents(): Map<string, string[]> {
    const parents = new Map<string, string[]>()
    for (const [name, { children }] of this.#groups) {
      for (const child of children) parents.set(child, [...(parents.get(child) ?? []), name])
    }
    return parents
  }

  #resolve(name: string, parents: ReadonlyMap<string, readonly string[]>): ImportedHost | undefined {
    const own = [...this.#groups].filter(([, { hosts }]) => hosts.has(name))
    const nearestFirst = new Set(own.map(([group]) => group))
    // A set is walked in order of insertion, what is added meanwhile included: breadth first, cycles end.
    for (const group of nearestFirst) for (const parent of parents.get(group) ?? []) nearestFirst.add(parent)
    nearestFirst.delete('all')
    const outermostFirst = ['all', ...[...nearestFirst].reverse()]
    const variables = new Map([
      ...outermostFirst.flatMap((group) => [...(this.#groups.get(group)?.variables ?? [])]),
      ...own.flatMap(([, { hosts }]) => [...(hosts.get(name) ?? [])]),
    ])
    const line = this.#firstLines.get(name)
    const checked = checkImported({
      name,
      address: addressOf(name, variables),
      tags: [...nearestFirst].filter((tag) => !untaggedGroups.has(tag)),
      line,
      problems: detourProblem(variables),
    })
    if (!('problem' in checked)) return checked
    this.problems.push({ ...(line !== undefined && { line }), text: checked.problem.slice(0, 4096) })
    return undefined
  }
}

/** `[01:10]`, `[a:f]` and `[1:9:2]`, any number of them. */
export function expandRanges(pattern: string, line: number): string[] {
  const range = /\[(\w+):(\w+)(?::(\d+))?\]/.exec(pattern)
  if (!range) return [pattern]
  const [whole, from = '', to = '', step = '1'] = range
  const before = pattern.slice(0, range.index)
  const after = pattern.slice(range.index + whole.length)
  const starts = stepsOf(from, to, Number(step))
  if (!starts) throw badLine(line, `${whole} is no range`)
  const names = starts.flatMap((each) => expandRanges(after, line).map((rest) => before + each + rest))
  if (names.length > mostHosts) throw tooLarge(line)
  return names
}

function stepsOf(from: string, to: string, step: number): string[] | undefined {
  const numeric = /^\d+$/.test(from) && /^\d+$/.test(to)
  const letters = /^[a-zA-Z]$/.test(from) && /^[a-zA-Z]$/.test(to)
  if (!numeric && !letters) return undefined
  const [first, last] = numeric ? [Number(from), Number(to)] : [from.charCodeAt(0), to.charCodeAt(0)]
  if (step < 1 || last < first || (last - first) / step >= mostHosts) return undefined
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => {
    const value = first + index * step
    if (!numeric) return String.fromCharCode(value)
    return String(value).padStart(from.startsWith('0') ? from.length : 1, '0')
  })
}

export function badLine(line: number, reason: string, cause?: unknown): Problem {
  return new Problem('bad-input', `cannot read line ${line} of the inventory: ${reason}`, { cause })
}

function tooLarge(line?: number): Problem {
  const where = line === undefined ? '' : ` from line ${line} on`
  return new Problem('bad-input', `cannot read the inventory${where}: more than ${mostHosts} hosts`)
}

// An Ansible inventory as groups of hosts with variables, and the hosts that follow from it. Pure.
import type { ImportedHost, ImportProblem } from '../../shared/contract/index.ts'
import { addressOf, checkImported, notTakenOver } from './imported-host.ts'
import { maxHosts } from './ranges.ts'
import { badLine, tooManyHosts } from './refusals.ts'
import type { Value } from './values.ts'

interface Group {
  readonly line: number
  readonly variables: Map<string, Value>
  readonly children: Set<string>
  priority: number
}

interface Host {
  readonly line: number
  readonly variables: Map<string, Value>
  readonly groups: Set<string>
}

/** Hosts, memberships, variables and edges together: aliases of YAML can make a short text a very large inventory. */
const maxVisits = 100_000
/** Of lines; the rest of a long list of faults helps nobody. */
const maxProblems = 1000
const maxTagsLookedAt = 100
const untaggedGroups = new Set(['all', 'ungrouped'])

export class Inventory {
  readonly problems: ImportProblem[] = []
  readonly #groups = new Map<string, Group>()
  readonly #hosts = new Map<string, Host>()
  #visits = 0

  constructor() {
    for (const name of untaggedGroups) this.addGroup(name, 1)
  }

  hasGroup(name: string): boolean {
    return this.#groups.has(name)
  }

  addGroup(name: string, line: number): void {
    this.#visit(line)
    if (!this.#groups.has(name))
      this.#groups.set(name, { line, variables: new Map(), children: new Set(), priority: 1 })
  }

  addChild(parent: string, child: string, line: number): void {
    this.#visit(line)
    if (parent === child) throw badLine(line, `group ${child} cannot be its own child`)
    this.#groups.get(parent)?.children.add(child)
  }

  /** Only the first mention of a host gives it a port, as in Ansible. */
  addHost(name: string, group: string, port: number | undefined, line: number): void {
    this.#visit(line)
    let host = this.#hosts.get(name)
    if (host === undefined) {
      host = {
        line,
        variables: new Map(port === undefined ? [] : [['ansible_port', `${port}`]]),
        groups: new Set(),
      }
      this.#hosts.set(name, host)
      if (this.#hosts.size > maxHosts) throw tooManyHosts(maxHosts, line)
    }
    host.groups.add(group)
  }

  /** Where a group and a host share their name, Ansible gives the variable to the group. */
  setVariable(owner: string, key: string, value: Value, line: number): void {
    this.#visit(line)
    const group = this.#groups.get(owner)
    if (group === undefined) this.#hosts.get(owner)?.variables.set(key, value)
    else if (key === 'ansible_group_priority') group.priority = readPriority(value, line)
    else group.variables.set(key, value)
  }

  noteProblem(line: number, text: string): void {
    if (this.problems.length < maxProblems) this.problems.push({ line, text: text.slice(0, 4096) })
  }

  hosts(): ImportedHost[] {
    const family = new Family(this.#groups)
    return [...this.#hosts].flatMap(([name, host]) => this.#resolve(name, host, family) ?? [])
  }

  #visit(line: number): void {
    this.#visits += 1
    if (this.#visits > maxVisits) throw tooManyHosts(maxHosts, line)
  }

  #resolve(name: string, { line, variables: own, groups }: Host, family: Family): ImportedHost | undefined {
    const { tags, variables: inherited } = family.membership(groups)
    const variables = new Map([...inherited, ...own])
    const address = addressOf(name, variables)
    const checked = checkImported({ name, address, tags, line, problems: notTakenOver(variables) })
    if (!('problem' in checked)) return checked
    this.noteProblem(line, checked.problem)
    return undefined
  }
}

function readPriority(value: Value, line: number): number {
  if (value !== null && /^\s*[+-]?\d{1,15}\s*$/.test(value)) return Number(value)
  throw badLine(line, `ansible_group_priority ${value} is not a number`)
}

interface Membership {
  /** Nearest group first. */
  readonly tags: readonly string[]
  readonly variables: ReadonlyMap<string, Value>
}

/** Who is above whom. Groups without a parent are children of `all`. */
class Family {
  readonly #groups: ReadonlyMap<string, Group>
  readonly #parents = new Map<string, string[]>()
  readonly #memberships = new Map<string, Membership>()
  /** The longest way from `all`. */
  readonly #depths = new Map<string, number>()

  constructor(groups: ReadonlyMap<string, Group>) {
    this.#groups = groups
    for (const [parent, { children }] of groups) {
      for (const child of children) {
        const parents = this.#parents.get(child)
        if (parents === undefined) this.#parents.set(child, [parent])
        else parents.push(parent)
      }
    }
    this.#measureDepths()
  }

  /** Hosts of the same groups share what follows from them. */
  membership(groups: ReadonlySet<string>): Membership {
    const key = JSON.stringify([...groups])
    const known = this.#memberships.get(key)
    if (known !== undefined) return known
    const named = [...groups].filter((group) => !untaggedGroups.has(group))
    const above = this.#withAncestors(named.length > 0 ? named : ['ungrouped'])
    const tags = above.filter((group) => !untaggedGroups.has(group))
    const inOrder = ['all', ...this.#inOrderOfPrecedence(above.filter((group) => group !== 'all'))]
    const variables = new Map(inOrder.flatMap((group) => [...(this.#groups.get(group)?.variables ?? [])]))
    // Far more than are kept of a host: the rest is only counted.
    const membership = { tags: tags.slice(0, maxTagsLookedAt), variables }
    this.#memberships.set(key, membership)
    return membership
  }

  /** Breadth first, each once. */
  #withAncestors(groups: Iterable<string>): string[] {
    const found = new Set(groups)
    // A loop over a set also visits what is added during the loop.
    for (const group of found) for (const parent of this.#parents.get(group) ?? []) found.add(parent)
    return [...found]
  }

  /** The last one counts. Source: `sort_groups` of Ansible's inventory/helpers.py. */
  #inOrderOfPrecedence(groups: readonly string[]): string[] {
    const rank = (group: string) =>
      [this.#depths.get(group) ?? 0, this.#groups.get(group)?.priority ?? 1] as const
    return [...groups].sort((one, other) => {
      const [depth, priority] = rank(one)
      const [otherDepth, otherPriority] = rank(other)
      return depth - otherDepth || priority - otherPriority || (one < other ? -1 : 1)
    })
  }

  /** Takes away groups without parents, again and again; what is left is a circle, which Ansible refuses too. */
  #measureDepths(): void {
    const waitingFor = new Map(
      [...this.#groups.keys()].map((name) => [name, this.#parents.get(name)?.length ?? 0]),
    )
    const ready = [...waitingFor].filter(([, count]) => count === 0).map(([name]) => name)
    for (const name of ready) this.#depths.set(name, name === 'all' ? 0 : 1)
    for (const name of ready) {
      const depth = this.#depths.get(name) ?? 0
      for (const child of this.#groups.get(name)?.children ?? []) {
        this.#depths.set(child, Math.max(this.#depths.get(child) ?? 0, depth + 1))
        const left = (waitingFor.get(child) ?? 1) - 1
        waitingFor.set(child, left)
        if (left === 0) ready.push(child)
      }
    }
    const [name] = [...waitingFor].find(([, count]) => count > 0) ?? []
    const isBelow = (this.#parents.get('all')?.length ?? 0) > 0 ? 'all' : undefined
    const circle = name ?? isBelow
    if (circle !== undefined)
      throw badLine(this.#groups.get(circle)?.line ?? 1, `group ${circle} is its own ancestor`)
  }
}

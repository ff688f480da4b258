// What we make of an inventory, compared host by host with what Ansible makes of it (`ansible-inventory --list`).
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { addressOf } from '../../src/main/inventory/imported-host.ts'
import { parseInventory } from '../../src/main/inventory/parse-inventory.ts'
import { Problem } from '../../src/shared/problem.ts'
import type { InventoryCase } from '../fixtures/inventories/case.ts'
import { cornerInventories } from '../fixtures/inventories/corners.ts'
import { iniInventories } from '../fixtures/inventories/ini.ts'
import { yamlInventories } from '../fixtures/inventories/yaml.ts'

const program = '/usr/bin/ansible-inventory'
const cases = [...iniInventories, ...yamlInventories, ...cornerInventories]
const folder = mkdtempSync(join(tmpdir(), 'singleton-inventories-'))
const pathOf = (index: number) => join(folder, `inventory-${index}`)

const group = z.object({ hosts: z.array(z.string()).optional(), children: z.array(z.string()).optional() })
const listing = z.intersection(
  z.object({ _meta: z.object({ hostvars: z.record(z.string(), z.record(z.string(), z.unknown())) }) }),
  z.record(z.string(), z.unknown()),
)

interface Host {
  readonly name: string
  readonly address: string
  readonly tags: readonly string[]
}

/** Undefined: Ansible refuses the inventory. */
function readTheirs(index: number): Host[] | undefined {
  const text = readFileSync(`${pathOf(index)}.out`, 'utf8')
  if (text === '') return undefined
  const parsed = listing.parse(JSON.parse(text))
  const groups = new Map(
    Object.entries(parsed)
      .filter(([name]) => name !== '_meta')
      .map(([name, value]) => [name, group.parse(value)]),
  )
  const isIn = (name: string, host: string): boolean => {
    const { hosts = [], children = [] } = groups.get(name) ?? {}
    return hosts.includes(host) || children.some((child) => isIn(child, host))
  }
  const names = new Set([...groups.values()].flatMap(({ hosts = [] }) => hosts))
  return [...names].map((name) => {
    const variables = new Map(
      Object.entries(parsed._meta.hostvars[name] ?? {}).map(([key, value]) => [key, pythonText(value)]),
    )
    const tags = [...groups.keys()].filter((each) => !['all', 'ungrouped'].includes(each) && isIn(each, name))
    return { name, address: addressOf(name, variables), tags: tags.sort() }
  })
}

/** What `!unsafe` marks is printed in a map of its own. */
const unsafe = z.object({ __ansible_unsafe: z.string() })

function pythonText(value: unknown): string | null {
  const marked = unsafe.safeParse(value)
  if (marked.success) return marked.data.__ansible_unsafe
  if (value === null) return null
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return String(value)
}

function readOurs({ text }: InventoryCase): Host[] | Problem {
  try {
    return parseInventory(text).hosts.map(({ name, address, tags }) => ({
      name,
      address,
      tags: [...tags].sort(),
    }))
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}

const byName = (hosts: readonly Host[]) => [...hosts].sort((one, other) => (one.name < other.name ? -1 : 1))

afterAll(() => rmSync(folder, { recursive: true, force: true }))
if (!existsSync(program)) console.log(`skipped: ${program} is not there (package ansible-core)`)

describe.skipIf(!existsSync(program))('as ansible-inventory says', () => {
  beforeAll(() => {
    cases.forEach(({ text }, index) => {
      writeFileSync(pathOf(index), text)
    })
    const script = join(import.meta.dirname, '../beds/ansible-inventory.py')
    const files = cases.map((_, index) => pathOf(index))
    const { status, stderr } = spawnSync('/usr/bin/python3', [script, ...files], {
      encoding: 'utf8',
      timeout: 150_000,
    })
    expect(status, stderr).toBe(0)
  })

  it(`is asked about at least 40 inventories: ${cases.length}`, () => {
    expect(cases.length).toBeGreaterThanOrEqual(40)
  })

  it.each(cases.map((each, index) => [JSON.stringify(each.text), each, index] as const))(
    '%s',
    (_, each, index) => {
      const theirs = readTheirs(index)
      const ours = readOurs(each)
      const said = `${readFileSync(`${pathOf(index)}.err`, 'utf8')} | ${ours instanceof Problem ? ours.message : ''}`
      expect(ours instanceof Problem, said).toBe(theirs === undefined || each.isStricter === true)
      if (ours instanceof Problem || theirs === undefined) return
      expect(byName(ours)).toEqual(byName(theirs.filter(({ name }) => each.missing?.includes(name) !== true)))
    },
  )
})

// One imported host: its address from Ansible's variables, checked as the SSH client will read it. Pure.

import type { ImportedHost } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { oneLine } from '../../shared/text/printable.ts'
import { withValue } from '../../shared/with-value.ts'
import { parseAddress } from '../ssh/address.ts'
import type { Value } from './values.ts'

export type Variables = ReadonlyMap<string, Value>

/** Of all variables, those that say where a host is and by which way it is reached. */
const addressVariables: ReadonlySet<string> = new Set([
  'ansible_host',
  'ansible_port',
  'ansible_user',
  'ansible_connection',
  'ansible_group_priority',
  'ansible_private_key_file',
  'ansible_ssh_args',
  'ansible_ssh_common_args',
  'ansible_ssh_extra_args',
  'ansible_ssh_host',
  'ansible_ssh_port',
  'ansible_ssh_private_key_file',
  'ansible_ssh_user',
])

/** Whether Ansible takes the variable for where and how to connect. */
export function isAddressVariable(name: string): boolean {
  return addressVariables.has(name)
}

const maxNameLength = 512
const maxAddressLength = 1024
const maxTags = 32
const maxTagLength = 64
const sshConnections = new Set([
  'ssh',
  'smart',
  'paramiko',
  'paramiko_ssh',
  'ansible.builtin.ssh',
  'ansible.builtin.paramiko_ssh',
])

/** The older `ansible_ssh_…` outweighs the newer name, as in Ansible's `MAGIC_VARIABLE_MAPPING`. */
export function addressOf(name: string, variables: Variables): string {
  const read = (key: string) =>
    variables.get(`ansible_ssh_${key}`) || variables.get(`ansible_${key}`) || undefined
  if (['local', 'ansible.builtin.local'].includes(variables.get('ansible_connection') ?? '')) return 'local'
  const host = (read('host') ?? name).replace(/^\[(.*)\]$/, '$1')
  const user = read('user')
  const port = read('port')
  const written = port !== undefined && host.includes(':') ? `[${host}]` : host
  return `${user === undefined ? '' : `${user}@`}${written}${port === undefined ? '' : `:${port}`}`
}

/** What the inventory says about the way to a host and addresses cannot hold: the SSH configuration does. */
export function notTakenOver(variables: Variables): string[] {
  const args = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'].map(
    (key) => variables.get(key) ?? '',
  )
  const [jump] = /(?:ProxyJump[= ]|-J\s*)[^\s"']+|ProxyCommand/i.exec(args.join(' ').slice(0, 65_536)) ?? []
  const key = variables.get('ansible_ssh_private_key_file') ?? variables.get('ansible_private_key_file')
  const connection = variables.get('ansible_connection')
  const isOther =
    typeof connection === 'string' &&
    connection !== '' &&
    !/^(ansible\.builtin\.)?local$/.test(connection) &&
    !sshConnections.has(connection)
  return [
    ...(jump === undefined
      ? []
      : [`the inventory sets ${jump}, which the import leaves out: set ProxyJump for it in ~/.ssh/config`]),
    ...(key
      ? [
          `the inventory sets the key ${key}, which the import leaves out: set IdentityFile for it in ~/.ssh/config`,
        ]
      : []),
    ...(isOther ? [`Ansible reaches it by ${connection}, not by SSH`] : []),
  ].map((text) => oneLine(text, 1024))
}

export interface FoundHost {
  readonly name: string
  readonly address: string
  /** Nearest group first. */
  readonly tags: readonly string[]
  readonly line: number | undefined
  readonly problems?: readonly string[]
}

/**
 * Keeps to the limits of a saved host, and says what that costs this one. Answers with the reason when no
 * connection could be made to such an address.
 */
export function checkImported(found: FoundHost): ImportedHost | { readonly problem: string } {
  const { address, line } = found
  const name = oneLine(found.name, maxNameLength + 1)
  if (address.length > maxAddressLength) return { problem: `${name.slice(0, 64)}…: its address is too long` }
  const problems = [...(found.problems ?? [])]
  if (name.length > maxNameLength) problems.push(`its name was cut off at ${maxNameLength} characters`)
  const tags = found.tags.map((tag) => oneLine(tag, maxTagLength + 1)).filter((tag) => tag !== '')
  const short = tags.filter((tag) => tag.length <= maxTagLength)
  for (const tag of tags.filter((each) => each.length > maxTagLength).slice(0, 3)) {
    problems.push(`the tag ${tag.slice(0, 24)}… is longer than ${maxTagLength} characters and was left out`)
  }
  if (short.length > maxTags)
    problems.push(`it has ${short.length} groups or tags; the nearest ${maxTags} were kept`)
  try {
    parseAddress(address)
  } catch (error) {
    if (error instanceof Problem) return { problem: error.message }
    throw error
  }
  return {
    name: name.slice(0, maxNameLength) || address,
    address,
    tags: short.slice(0, maxTags).sort(),
    ...withValue({ line }),
    problems,
  }
}

/** Templates are for Ansible to fill in; nothing here is evaluated. */
export function isTemplate(value: string): boolean {
  return value.includes('{{') || value.includes('{%')
}

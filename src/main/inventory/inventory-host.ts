// One imported host: its address from Ansible's variables, checked as the SSH client will read it. Pure.
import type { ImportedHost } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { parseAddress } from '../ssh/address.ts'

export type Variables = ReadonlyMap<string, string>

/** Of all variables, those that say where a host is and by which way it is reached. */
export const addressVariables: ReadonlySet<string> = new Set([
  'ansible_host',
  'ansible_port',
  'ansible_user',
  'ansible_connection',
  'ansible_ssh_host',
  'ansible_ssh_port',
  'ansible_ssh_user',
  'ansible_ssh_common_args',
  'ansible_ssh_extra_args',
])

const longestName = 512
const longestAddress = 1024
const mostTags = 32
const longestTag = 64

/** `name` may carry a port of its own, as in `kvm01:2222`. */
export function addressOf(name: string, variables: Variables): string {
  if (variables.get('ansible_connection') === 'local') return 'local'
  const read = (key: string) => variables.get(`ansible_${key}`) ?? variables.get(`ansible_ssh_${key}`)
  const [, plain = name, inline] = /^([^:]+|\[[^\]]+\]):(\d+)$/.exec(name) ?? []
  const host = (read('host') ?? plain).replace(/^\[(.*)\]$/, '$1')
  const user = read('user')
  const port = read('port') ?? inline
  const written = port !== undefined && host.includes(':') ? `[${host}]` : host
  return `${user === undefined ? '' : `${user}@`}${written}${port === undefined ? '' : `:${port}`}`
}

/** Says so when the inventory sends ssh by another way: addresses hold none, the SSH configuration does. */
export function detourProblem(variables: Variables): string[] {
  const args = ['ansible_ssh_common_args', 'ansible_ssh_extra_args'].map((key) => variables.get(key) ?? '')
  const [jump] = /(?:ProxyJump[= ]|-J\s*)[^\s"']+|ProxyCommand/i.exec(args.join(' ')) ?? []
  if (jump === undefined) return []
  return [`the inventory sets ${jump}, which is not taken over: set ProxyJump for it in ~/.ssh/config`]
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
  const { name, address, line } = found
  if (address.length > longestAddress) return { problem: `${name.slice(0, 64)}…: its address is too long` }
  const problems = [...(found.problems ?? [])]
  if (name.length > longestName) problems.push(`its name was cut off at ${longestName} characters`)
  const short = found.tags.filter((tag) => tag.length <= longestTag)
  for (const tag of found.tags.filter((each) => each.length > longestTag).slice(0, 3)) {
    problems.push(`the tag ${tag.slice(0, 24)}… is longer than ${longestTag} characters and was left out`)
  }
  if (short.length > mostTags)
    problems.push(`it has ${short.length} groups or tags; the nearest ${mostTags} were kept`)
  try {
    parseAddress(address)
    return {
      name: name.slice(0, longestName),
      address,
      tags: short.slice(0, mostTags).sort(),
      ...(line !== undefined && { line }),
      problems,
    }
  } catch (error) {
    if (error instanceof Problem) return { problem: error.message }
    throw error
  }
}

/** Templates are for Ansible to fill in; nothing here is evaluated. */
export function isTemplate(value: string): boolean {
  return value.includes('{{') || value.includes('{%')
}

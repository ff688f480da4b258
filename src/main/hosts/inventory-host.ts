// One imported host: its address from Ansible's variables, checked as the SSH client will read it. Pure.
import type { ImportedHost } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { parseAddress } from '../ssh/address.ts'

export type Variables = ReadonlyMap<string, string>

/** Of all variables, those that say where a host is. */
export const addressVariables: ReadonlySet<string> = new Set([
  'ansible_host',
  'ansible_port',
  'ansible_user',
  'ansible_connection',
  'ansible_ssh_host',
  'ansible_ssh_port',
  'ansible_ssh_user',
])

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

/** Answers with the reason when no connection could be made to such an address. */
export function checkImported(host: ImportedHost): ImportedHost | { readonly problem: string } {
  try {
    parseAddress(host.address)
    return host
  } catch (error) {
    if (error instanceof Problem) return { problem: error.message }
    throw error
  }
}

/** Templates are for Ansible to fill in; nothing here is evaluated. */
export function isTemplate(value: string): boolean {
  return value.includes('{{') || value.includes('{%')
}

// The fleet in one line, for the tray.
import type { HostView } from '../../shared/contract/index.ts'

type Shown = Pick<HostView, 'connection' | 'tasks' | 'problem'>

/** How the fleet is, in one line. Pure. */
export function describeFleet(hosts: readonly Shown[]): string {
  if (hosts.length === 0) return 'No hosts yet'
  const connected = hosts.filter(({ connection }) => connection.state === 'connected').length
  const working = hosts.filter(({ tasks }) => tasks.some(({ kind }) => kind !== 'connect')).length
  const troubled = hosts.filter(({ connection, problem }) => problem ?? hasProblem(connection)).length
  const parts = [`${connected} of ${hosts.length} hosts connected`]
  if (working > 0) parts.push(`${working} at work`)
  if (troubled > 0) parts.push(`${troubled} with a problem`)
  return parts.join(', ')
}

function hasProblem(connection: HostView['connection']): boolean {
  return 'problem' in connection && connection.problem !== undefined
}

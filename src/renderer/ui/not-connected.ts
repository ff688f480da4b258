// That nothing is measured on a host now, in words.
import type { HostView } from '../../shared/contract/index.ts'
import { formatMoment } from './moments.ts'

/** `not connected since 03:31:16`. Undefined while the host is connected. */
export function notConnectedSince({ connection }: Pick<HostView, 'connection'>): string | undefined {
  if (connection.state === 'connected') return undefined
  return `not connected since ${formatMoment(connection.since)}`
}

// What an edit of the list of hosts comes to: the host that it makes, and the words of the audit. Pure.
import { randomUUID } from 'node:crypto'
import type { NewHost, SavedHost } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { oneLine } from '../../shared/text/printable.ts'
import type { AuditedChange } from '../audit/host-audit.ts'
import { parseAddress } from '../ssh/address.ts'

/** Who adds hosts without saving them may add them with changes allowed. */
export type HostToAdd = NewHost & { readonly mode?: SavedHost['mode'] }

/**
 * `present`: the list, and what is added beside it. Throws `bad-input` where one of them has this address, and
 * for what is no address.
 */
export function admitHost(
  { address, name, tags = [], mode = 'observe' }: HostToAdd,
  present: readonly SavedHost[],
): SavedHost {
  const twin = present.find((host) => host.address === address)
  if (twin) throw new Problem('bad-input', `cannot add ${address}: it is in the list as ${twin.name}`)
  // What is no address is shown nowhere: neither as a name nor in a prompt.
  if (address !== 'local') parseAddress(address)
  return { id: randomUUID(), name: oneLine(name ?? '', 512) || address.slice(0, 512), address, mode, tags }
}

/** For the audit. */
export function describeAdded(host: SavedHost): AuditedChange {
  return { host, action: 'add host', target: host.address, after: `${host.mode} mode`, outcome: 'added' }
}

/** For the audit. */
export function describeRemoved(host: SavedHost): AuditedChange {
  return { host, action: 'remove host', target: host.address, outcome: 'removed' }
}

const outcomes = { observe: 'changes are refused', change: 'changes are allowed' }

/** The mode is a permission, so it is in the audit like a change on the host. */
export function describeEdit(before: SavedHost, host: SavedHost): AuditedChange[] {
  const changes: AuditedChange[] = []
  if (before.mode !== host.mode) {
    const outcome = outcomes[host.mode]
    changes.push({ host, action: 'set mode', before: before.mode, after: host.mode, outcome })
  }
  const [was, is] = [describeHost(before), describeHost(host)]
  if (was !== is) changes.push({ host, action: 'edit host', before: was, after: is, outcome: 'saved' })
  return changes
}

function describeHost({ name, tags }: SavedHost): string {
  return [name, ...tags].join(', ')
}

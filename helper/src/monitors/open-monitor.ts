// The way to a guest's monitor that is open now.

import { Problem } from '../../../src/shared/problem.ts'
import { Deadline } from '../../../src/shared/time/deadline.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { GuestConnector } from './guest-connector.ts'
import { requireDomain } from './libvirt-domain.ts'
import type { Monitor } from './monitor.ts'
import { findMonitorAddress } from './monitor-address.ts'
import { openQmpSocket, type Reach } from './qmp-socket.ts'
import { libvirtMonitor, readDomainName } from './virsh.ts'

const openingMs = 10_000
/** A command line can name sockets without end. */
const maxSockets = 4

/** What a guest's command line alone tells: undefined where a monitor is there, whether or not it would answer. */
export function findMissingMonitor({ args, name }: Pick<Guest, 'args' | 'name'>): Problem | undefined {
  return findMonitorAddress(args, name).kind === 'none' ? noMonitor(name) : undefined
}

function noMonitor(name: string): Problem {
  return new Problem('not-supported', `cannot reach the monitor of guest ${name}: it has none to spare`, {
    remedy: 'Start the guest by libvirt, or with -qmp unix:/run/NAME.qmp,server=on,wait=off',
  })
}

/**
 * Runs `work` on the monitor and closes it, also when that fails: a spare socket is held as long.
 * Throws `not-supported` for a guest without any, and what the ways to it throw.
 */
export async function withMonitor<T>(
  root: KernelRoot,
  guest: Guest,
  work: (monitor: Monitor) => Promise<T>,
): Promise<T> {
  const connector = new GuestConnector()
  try {
    const reach = { connector, deadline: new Deadline(openingMs), isWhole: false }
    return await withMonitorBy(root, guest, reach, work)
  } finally {
    connector.end()
  }
}

/** Like `withMonitor`, for callers that ask many guests within one deadline. */
export async function withMonitorBy<T>(
  root: KernelRoot,
  guest: Guest,
  reach: Reach,
  work: (monitor: Monitor) => Promise<T>,
): Promise<T> {
  const monitor = await openMonitor(root, guest, reach)
  try {
    return await work(monitor)
  } finally {
    monitor.close()
  }
}

async function openMonitor(root: KernelRoot, guest: Guest, reach: Reach): Promise<Monitor> {
  const address = findMonitorAddress(guest.args, guest.name)
  if (address.kind === 'none') throw noMonitor(guest.name)
  if (address.kind === 'sockets') return openFirst(root, guest.pid, address.paths.slice(0, maxSockets), reach)
  await requireDomain(root, guest)
  const named = await readDomainName(address.domain)
  if (named === guest.name) return libvirtMonitor(address.domain)
  throw new Problem(
    'not-found',
    `cannot reach the monitor of guest ${guest.name}: libvirt calls the domain ${address.domain} ${named}`,
  )
}

/** The first of several sockets that lets us in; the first failure where none does. */
async function openFirst(
  root: KernelRoot,
  pid: number,
  paths: readonly string[],
  reach: Reach,
): Promise<Monitor> {
  let failure: unknown
  for (const path of paths) {
    try {
      return await openQmpSocket({ root, pid, path }, reach)
    } catch (error) {
      failure ??= error
    }
  }
  throw failure
}

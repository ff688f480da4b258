// The way to a guest's monitor that is open now.
import { Problem } from '../../../src/shared/problem.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import type { Monitor } from './monitor.ts'
import { findMonitorAddress } from './monitor-address.ts'
import { openQmpSocket } from './qmp-socket.ts'
import { libvirtMonitor } from './virsh.ts'

/**
 * Opens the monitor for a short while: a spare socket is held meanwhile, so close it at once when done.
 * Throws `not-supported` for a guest without any, and what the ways to it throw.
 */
export async function openMonitor(root: KernelRoot, guest: Guest): Promise<Monitor> {
  const address = findMonitorAddress(guest.args, guest.name)
  if (address.kind === 'libvirt') return libvirtMonitor(address.domain)
  if (address.kind === 'none') throw noMonitor(guest.name)
  return openFirst(root, guest.pid, address.paths)
}

/** What a guest's command line alone tells: undefined where a monitor is there, whether or not it would answer. */
export function findMissingMonitor({ args, name }: Pick<Guest, 'args' | 'name'>): Problem | undefined {
  return findMonitorAddress(args, name).kind === 'none' ? noMonitor(name) : undefined
}

function noMonitor(name: string): Problem {
  return new Problem('not-supported', `cannot reach the monitor of guest ${name}: it has none to spare`, {
    remedy: 'Start the guest by libvirt, or with -qmp unix:/run/NAME.qmp,server=on,wait=off',
  })
}

/** Runs `work` on the monitor and closes it, also when that fails. */
export async function withMonitor<T>(
  root: KernelRoot,
  guest: Guest,
  work: (monitor: Monitor) => Promise<T>,
): Promise<T> {
  const monitor = await openMonitor(root, guest)
  try {
    return await work(monitor)
  } finally {
    monitor.close()
  }
}

/** The first of several sockets that lets us in; the first failure where none does. */
async function openFirst(root: KernelRoot, pid: number, paths: readonly string[]): Promise<Monitor> {
  let failure: unknown
  for (const path of paths) {
    try {
      return await openQmpSocket(root, pid, path)
    } catch (error) {
      failure ??= error
    }
  }
  throw failure
}

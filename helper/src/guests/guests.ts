// Guests: QEMU processes of this host, also those in other PID and mount namespaces.
import { basename } from 'node:path'
import { readCmdline } from '../kernel/cmdline.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { listPids, readComm, readExe } from '../kernel/pids.ts'
import { guestName, isMonitorProgram } from './qemu-command-line.ts'

export interface Guest {
  readonly pid: number
  readonly name: string
  /** Command line of its process. */
  readonly args: readonly string[]
}

/** Cheap: reads a link, a name and, for guests, a command line per process; no memory map. */
export async function listGuests(root: KernelRoot): Promise<Guest[]> {
  const pids = await listPids(root)
  const found = await Promise.all(pids.map((pid) => findGuest(root, pid)))
  return found.filter((guest) => guest !== undefined).sort((a, b) => a.pid - b.pid)
}

async function findGuest(root: KernelRoot, pid: number): Promise<Guest | undefined> {
  // The program's link survives `-name process=…`, which renames the process; the name needs no privilege.
  const exe = await readExe(root, pid)
  const program = exe === undefined ? await readComm(root, pid) : basename(exe.replace(/ \(deleted\)$/, ''))
  if (program === undefined || !isMonitorProgram(program)) return undefined
  const args = await readCmdline(root, pid)
  // Zombies have no command line left.
  if (args === undefined || args.length < 2) return undefined
  return { pid, name: guestName(args) ?? `pid ${pid}`, args }
}

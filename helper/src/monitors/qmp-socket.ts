// Connects to a QMP socket that a guest's QEMU listens on, in any mount namespace, unless another client is
// connected. The path is what a process chose to say: it is looked up with that guest's rights, and only the guest itself
// may answer there.
import { closeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../../../src/shared/problem.ts'
import type { Deadline } from '../../../src/shared/time/deadline.ts'
import { adoptSocket } from '../kernel/adopt-socket.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { folderOfPath } from '../kernel/process-folders.ts'
import { type FileCredentials, readProcessStatus } from '../kernel/process-status.ts'
import { findHeldSockets, findUnixSockets } from '../kernel/unix-sockets.ts'
import { connectProblem } from './connect-problem.ts'
import type { ConnectRequest } from './connect-request.ts'
import type { GuestConnector } from './guest-connector.ts'
import type { Monitor } from './monitor.ts'
import { busyMonitor, openQmp } from './qmp.ts'

const leavingMs = 2_000
const leavingStepMs = 50

export interface SocketPlace {
  readonly root: KernelRoot
  readonly pid: number
  readonly path: string
}

export interface Reach {
  readonly connector: GuestConnector
  /** For opening the monitor. */
  readonly deadline: Deadline
  /** The monitor's commands have to be done by then, too. */
  readonly isWhole: boolean
}

/**
 * Throws `busy` where another program is connected (looked up first: a second client would wait in QEMU's queue),
 * `not-found` where this process does not listen there, `not-permitted` naming what denies it.
 */
export async function openQmpSocket(place: SocketPlace, reach: Reach): Promise<Monitor> {
  const { pid, path } = place
  refuseUnplainPath(path)
  await checkFree(place, reach.deadline)
  const credentials = readProcessStatus(place.root, pid)?.credentials
  if (credentials === undefined)
    throw new Problem('gone', `cannot connect to the monitor ${path}: process ${pid} has ended`)
  const fd = await connect(place, credentials, reach)
  const socket = await adoptSocket(fd)
  return openQmp(socket, path, reach)
}

/** The kernel is asked to refuse them as well. */
function refuseUnplainPath(path: string): void {
  if (!path.split('/').includes('..')) return
  throw new Problem('not-permitted', `cannot use the monitor ${path}: its path leads upwards (..)`, {
    remedy: 'Give the guest a monitor with a plain path.',
  })
}

/** A client that has just left is gone only once QEMU notices: worth a short wait. */
async function checkFree(place: SocketPlace, deadline: Deadline): Promise<void> {
  const patienceMs = Math.min(leavingMs, deadline.leftMs / 2)
  const since = performance.now()
  while (!(await isFree(place))) {
    if (performance.now() - since > patienceMs) throw busyMonitor(place.path)
    await sleep(leavingStepMs)
  }
}

/**
 * A command line can name any socket: only one that this very process holds is its monitor, and only clients that it
 * holds keep it busy, since others can bind the same name in a mount namespace of their own.
 */
async function isFree({ root, pid, path }: SocketPlace): Promise<boolean> {
  const named = findUnixSockets(root, pid, path)
  const held = await findHeldSockets(root, pid, new Set(named.map(({ inode }) => inode)))
  const own = named.filter(({ inode }) => held.has(inode))
  if (!own.some(({ listening }) => listening)) {
    throw new Problem('not-found', `cannot use the monitor ${path}: process ${pid} does not listen on it`)
  }
  return !own.some(({ connected }) => connected)
}

async function connect(place: SocketPlace, credentials: FileCredentials, reach: Reach): Promise<number> {
  const { root, pid, path } = place
  const answer = await reach.connector.connect(toRequest(place, credentials), reach.deadline)
  if ('failed' in answer) throw await connectProblem(root, { pid, path, credentials }, answer)
  if (answer.peerPid === pid) return answer.fd
  closeSync(answer.fd)
  const other = answer.peerPid === 0 ? 'a process that is not visible here' : `process ${answer.peerPid}`
  throw new Problem(
    'not-permitted',
    `cannot use the monitor ${path}: ${other} listens on it, not the guest (process ${pid})`,
  )
}

function toRequest({ root, pid, path }: SocketPlace, credentials: FileCredentials): ConnectRequest {
  const folder = folderOfPath(root, pid, path)
  // Only root can take on another user's rights; whoever is not root reaches what it may reach anyway.
  if (process.geteuid?.() !== 0) return { folder, path }
  return { folder, path, credentials: { ...credentials, groups: [...credentials.groups] } }
}

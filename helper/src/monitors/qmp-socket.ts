// Connects to a QMP socket that a guest's QEMU listens on, in whatever mount namespace, if nobody else is.
import { closeSync, openSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../../../src/shared/problem.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'
import { readSocketInodes, readUnixSockets } from '../kernel/unix-sockets.ts'
import { readDenial } from './denial.ts'
import type { Monitor } from './monitor.ts'
import { busyMonitor, openQmp } from './qmp.ts'

const CONNECT_TIMEOUT_MS = 3_000
const LEAVING_MS = 2_000
const LEAVING_STEP_MS = 50

/**
 * Throws `busy` where another program is connected (looked up first: a second client would wait in QEMU's queue),
 * `not-found` where this process does not listen there, `not-permitted` naming what denies it.
 */
export async function openQmpSocket(root: KernelRoot, pid: number, path: string): Promise<Monitor> {
  await checkFree(root, pid, path)
  const socket = await connect(root, pid, path)
  return openQmp(socket, path)
}

/** A client that has just left is gone only once QEMU notices: worth a short wait. */
async function checkFree(root: KernelRoot, pid: number, path: string): Promise<void> {
  const deadline = performance.now() + LEAVING_MS
  while (!(await isFree(root, pid, path))) {
    if (performance.now() > deadline) throw busyMonitor(path)
    await sleep(LEAVING_STEP_MS)
  }
}

/** A command line can name any socket: only one that this very process listens on is its monitor. */
async function isFree(root: KernelRoot, pid: number, path: string): Promise<boolean> {
  const [sockets, held] = [await readUnixSockets(root, pid), await readSocketInodes(root, pid)]
  const named = sockets.filter((socket) => socket.path === path)
  if (!named.some(({ listening, inode }) => listening && held.has(inode))) {
    throw new Problem('not-found', `cannot use the monitor ${path}: process ${pid} does not listen on it`)
  }
  return !named.some(({ connected }) => connected)
}

async function connect(root: KernelRoot, pid: number, path: string): Promise<Socket> {
  const place = join(root.proc, String(pid), path.startsWith('/') ? 'root' : 'cwd', path)
  let folder: number | undefined
  try {
    // A socket's address holds 107 bytes: the way round is a short name of its folder.
    folder = openSync(dirname(place), 'r')
    return await connectTo(`/proc/self/fd/${folder}/${basename(place)}`, path)
  } catch (error) {
    if (error instanceof Problem) throw error
    const denial = errnoOf(error) === 'EACCES' ? await readDenial(root, pid) : undefined
    if (denial !== undefined) {
      throw new Problem('not-permitted', `cannot connect to the monitor ${path}: ${denial.reason}`, {
        cause: error,
        remedy: denial.remedy,
      })
    }
    throw systemProblem(error, `connect to the monitor ${path}`)
  } finally {
    if (folder !== undefined) closeSync(folder)
  }
}

function connectTo(address: string, path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(address)
    const timer = setTimeout(() => {
      socket.destroy()
      reject(busyMonitor(path))
    }, CONNECT_TIMEOUT_MS)
    const end = (settle: () => void) => () => {
      clearTimeout(timer)
      settle()
    }
    socket.once(
      'connect',
      end(() => resolve(socket)),
    )
    socket.once('error', (error) => end(() => reject(error))())
  })
}

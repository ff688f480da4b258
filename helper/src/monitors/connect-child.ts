// The command `connect-sockets` (not in the usage): a child of the helper that opens sockets as a guest's user may.
// Whatever path a guest names is looked up here, so that a mount that hangs holds up a process that can be killed.
import { closeSync, fstatSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { withFileCredentials } from '../kernel/credentials.ts'
import { connectTo, openBelow, openFolder, readPeerPid } from '../kernel/guest-sockets.ts'
import { errnoOf } from '../kernel/system-error.ts'
import { type ConnectAnswer, type ConnectRequest, connectRequest } from './connect-request.ts'

/**
 * The child's whole life: connects where it is told to, one line a request, and holds the last socket until its
 * parent has taken it. Returns the exit code.
 */
export async function runConnectChild(): Promise<number> {
  let held: number | undefined
  for await (const line of createInterface(process.stdin)) {
    if (held !== undefined) closeSync(held)
    held = undefined
    if (line === '') continue
    const answer = answerRequest(connectRequest.parse(JSON.parse(line)))
    if ('socket' in answer) held = answer.socket
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
  return 0
}

function answerRequest(request: ConnectRequest): ConnectAnswer {
  const opened: number[] = []
  try {
    return connectAsGuest(request, (fd) => {
      opened.push(fd)
      return fd
    })
  } finally {
    for (const fd of opened) closeSync(fd)
  }
}

type Keep = (fd: number) => number

function connectAsGuest(request: ConnectRequest, keep: Keep): ConnectAnswer {
  // With our own rights: a process's root is for who may trace it.
  const folder = attempt('open', () => keep(openFolder(request.folder)))
  if (typeof folder !== 'number') return folder
  const connect = () => connectBelow(folder, request.path, keep)
  const { credentials } = request
  try {
    return credentials === undefined ? connect() : withFileCredentials(credentials, connect)
  } catch (error) {
    return { failed: 'credentials', code: String(error).slice(0, 64) }
  }
}

function connectBelow(folder: number, path: string, keep: Keep): ConnectAnswer {
  const file = attempt('open', () => keep(openWithoutLinks(folder, path)))
  if (typeof file !== 'number') return file
  // Connecting to anything else fails as well, but would not tell why.
  if (!fstatSync(file).isSocket()) return { failed: 'not-a-socket', code: 'ENOTSOCK' }
  const socket = attempt('connect', () => connectTo(file))
  return typeof socket === 'number' ? { socket, peerPid: readPeerPid(socket) } : socket
}

/** `/var/run` is a link to `/run` nearly everywhere, and Proxmox VE names its sockets by it: said in the text, not followed. */
function openWithoutLinks(folder: number, path: string): number {
  try {
    return openBelow(folder, path)
  } catch (error) {
    if (errnoOf(error) !== 'ELOOP' || !path.startsWith('/var/run/')) throw error
    return openBelow(folder, path.slice('/var'.length))
  }
}

function attempt(step: 'open' | 'connect', act: () => number): ConnectAnswer | number {
  try {
    return act()
  } catch (error) {
    const code = errnoOf(error)
    if (code === undefined) throw error
    return { failed: step, code }
  }
}

// The socket of the service: root's alone, by its folder, its mode, and by what the kernel says of who connects.
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { createServer, connect as netConnect, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { Problem } from '../../../src/shared/problem.ts'
import { makePrivateFolder } from '../changes/state-folders.ts'
import { type Peer, readPeer } from '../kernel/peer-credentials.ts'
import { systemProblem } from '../kernel/system-error.ts'

const maxConnections = 32

export interface SocketParts {
  readonly path: string
  readonly onPeer: (socket: Socket, peer: Peer) => void
  readonly log: (line: string) => void
}

/** Listens; a socket that nobody listens on any more is replaced. Throws `busy` where another service answers. */
export async function listenForPeers({ path, onPeer, log }: SocketParts): Promise<Server> {
  makePrivateFolder(dirname(path))
  if (existsSync(path)) {
    if (await isAnswered(path))
      throw new Problem('busy', `cannot listen on ${path}: another service answers there`)
    rmSync(path, { force: true })
  }
  const server = createServer((socket) => {
    // What the peer breaks off is not for us to fail on.
    socket.on('error', () => undefined)
    const peer = judgePeer(socket)
    if (typeof peer === 'string') {
      log(`refused a connection: ${peer}`)
      socket.destroy()
    } else onPeer(socket, peer)
  })
  server.maxConnections = maxConnections
  const mask = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
    chmodSync(path, 0o600)
  } catch (error) {
    throw systemProblem(error, `listen on ${path}`)
  } finally {
    process.umask(mask)
  }
  server.on('error', (error) => log(`cannot take a connection: ${error.message}`))
  return server
}

/** Who connects, or why not. */
function judgePeer(socket: Socket): Peer | string {
  const fd = descriptorOf(socket)
  if (fd === undefined) return 'its credentials cannot be read'
  const peer = readPeer(fd)
  return peer.uid === 0 ? peer : `process ${peer.pid} is of user ${peer.uid}, not of root`
}

/** Neither Node nor Bun has it in its types. */
export function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as unknown as { _handle?: { fd?: unknown } }
  return typeof handle?.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = netConnect(path)
    const answer = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', () => answer(true)).once('error', () => answer(false))
  })
}

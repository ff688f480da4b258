// Where the person who runs the workbench asks it for one more link: a socket in a folder that nobody else may enter.
// So a link is in no command line, no file and no log; the kernel keeps other users out.
import { chmodSync, lstatSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Problem } from '../../shared/problem.ts'

/** sun_path of sockaddr_un has 108 bytes on Linux and 104 elsewhere, the closing zero included. */
const longestPathBytes = 103
const answersWithinMs = 5_000

export interface LinkDesk {
  close(): Promise<void>
}

/** Undefined where another workbench with these data has its desk already. */
export async function openLinkDesk(
  dataDirectory: string,
  newLink: () => Promise<string>,
): Promise<LinkDesk | undefined> {
  const folder = ownFolder(dataDirectory)
  const path = socketPath(folder)
  if (await isAnswered(path)) return undefined
  rmSync(join(folder, 'links'), { force: true })
  const server = createServer((socket) => void hand(socket, newLink))
  await listen(server, path)
  chmodSync(join(folder, 'links'), 0o600)
  return { close: () => new Promise((resolve) => server.close(() => resolve())) }
}

/** Rejects with `not-found` where no workbench with this data folder serves a browser. */
export async function askForLink(dataDirectory: string): Promise<string> {
  const socket = createConnection(socketPath(ownFolder(dataDirectory)))
  socket.setTimeout(answersWithinMs, () =>
    socket.destroy(new Error(`no answer within ${answersWithinMs} ms`)),
  )
  try {
    return (await text(socket)).trim()
  } catch (error) {
    throw new Problem('not-found', `cannot get a link: no workbench with this data folder serves a browser`, {
      remedy: 'Start it: npm start',
      cause: error,
    })
  }
}

async function hand(socket: Socket, newLink: () => Promise<string>): Promise<void> {
  socket.on('error', () => socket.destroy())
  socket.end(`${await newLink()}\n`)
}

/** Made by us for us alone; refuses what somebody else put in its place. */
function ownFolder(dataDirectory: string): string {
  const folder = join(dataDirectory, 'run')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stats = lstatSync(folder)
  if (!stats.isDirectory() || stats.uid !== process.getuid?.()) {
    throw new Problem('not-permitted', `cannot use ${folder}: it is not a folder of this user's own`)
  }
  if ((stats.mode & 0o077) !== 0) chmodSync(folder, 0o700)
  return folder
}

/** A long path is reached by a descriptor of its folder, which stays open for as long as the process runs. */
function socketPath(folder: string): string {
  const path = join(folder, 'links')
  if (Buffer.byteLength(path) <= longestPathBytes) return path
  return `/proc/self/fd/${openSync(folder, 'r')}/links`
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path)
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
}

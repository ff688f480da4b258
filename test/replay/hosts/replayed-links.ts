// Links to replayed hosts: the real session over a socket, where a real host has SSH and a deployed helper.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { AnswerParser } from '../../../src/main/helper-link/answer-parser.ts'
import type { HelperLink, LinkOptions } from '../../../src/main/helper-link/helper-link.ts'
import { HelperSession } from '../../../src/main/helper-link/helper-session.ts'
import { PeerGuard } from '../../../src/main/helper-link/peer-guard.ts'
import { Problem } from '../../../src/shared/problem.ts'

export interface ReplayedLinks {
  /** Of an address `root@replayed-NUMBER`, or `root@replayed-NUMBER-with-GUESTS-guests`; any other is unreachable. */
  readonly openLink: (options: LinkOptions) => Promise<HelperLink>
  readonly helpers: ChildProcess
  /** From now on the host cannot be reached. */
  readonly breakHost: (index: number) => void
}

export async function startReplayedLinks(folder: string, guests: number): Promise<ReplayedLinks> {
  const path = join(folder, 'helpers.sock')
  const helpers = spawn(process.execPath, [join(import.meta.dirname, 'helpers-main.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(helpers.stdout, 'data')
  const parser = new AnswerParser()
  const broken = new Set<number>()
  const sockets = new Map<number, Socket>()
  return {
    helpers,
    breakHost: (index) => {
      broken.add(index)
      sockets.get(index)?.destroy()
    },
    openLink: async (options) => {
      const [, number, ownGuests] = /replayed-(\d+)(?:-with-(\d+)-guests)?$/.exec(options.address) ?? []
      const index = Number(number) - 1
      if (Number.isNaN(index) || broken.has(index)) {
        throw new Problem('unreachable', `cannot connect to ${options.address}: connection refused`, {
          remedy: 'Check that the host is up and that sshd listens there.',
        })
      }
      const socket = connect(path)
      await once(socket, 'connect')
      sockets.set(index, socket)
      socket.write(`${index} ${ownGuests ?? guests} ${options.readOnly ? 'observe' : 'change'}\n`)
      return await linkOver(socket, options, parser)
    },
  }
}

async function linkOver(socket: Socket, options: LinkOptions, parser: AnswerParser): Promise<HelperLink> {
  const label = options.address
  const told = Promise.withResolvers<void>()
  const frames = new PeerGuard(label, () => told.resolve())
  // `once` would reject for an error before it: writing to what has ended is one.
  const ended = new Promise<object>((resolve) => socket.once('close', () => resolve({})))
  const gone = ended.then(() => new Problem('disconnected', `lost ${label}: the connection was closed`))
  socket.on('error', () => socket.destroy())
  socket.pipe(frames)
  await told.promise
  const process = {
    stdin: socket,
    stdout: socket,
    stderr: socket,
    exited: ended,
    kill: () => socket.destroy(),
  }
  const log = { tail: () => '' }
  const running = { process, preamble: { protocol: 1, digest: 'replayed' }, frames, log }
  const shell = {
    label,
    user: 'root',
    start: () => Promise.reject(new Error('a replayed host has no shell')),
    closed: gone,
    close: async () => void socket.destroy(),
  }
  const session = new HelperSession(running as never, shell, { ...options, parser })
  options.signal.addEventListener('abort', () => void session.close(), { once: true })
  const hello = await session.call('hello', {}, { signal: options.signal })
  return { hello, call: session.call, closed: session.closed, close: () => session.close() }
}

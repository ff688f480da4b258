// Connects to sockets that guests name, through a child that has their rights and can be killed.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { parseJson } from '../../../src/shared/parsing/parse-json.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { Deadline } from '../../../src/shared/time/deadline.ts'
import { ownProgram } from '../kernel/exe.ts'
import { type ConnectAnswer, type ConnectRequest, connectAnswer } from './connect-request.ts'

type Child = ChildProcessByStdio<Writable, Readable, null>

/** A path below a mount that hangs takes no longer than this. */
const maxLookupMs = 700
const idleMs = 5_000
/** Children that cannot even be killed, for the file system they wait for: no more of them. */
const maxStuckChildren = 8
const maxAnswerLength = 4096

/** One request at a time; the child is started when needed and ends when idle for 5 s. */
export class GuestConnector {
  #child: Child | undefined
  #idle: ReturnType<typeof setTimeout> | undefined
  #turn: Promise<unknown> = Promise.resolve()
  readonly #stuck = new Set<Child>()

  /**
   * A connected descriptor, and who listens at its other end; the caller closes it. An answer without one tells what
   * failed. Throws `timed-out` when the path cannot be looked up by the deadline.
   */
  async connect(
    request: ConnectRequest,
    deadline: Deadline,
  ): Promise<{ readonly fd: number; readonly peerPid: number } | Extract<ConnectAnswer, { failed: string }>> {
    const before = this.#turn
    const turn = Promise.withResolvers<void>()
    this.#turn = turn.promise
    await before
    try {
      return await this.#ask(request, deadline)
    } finally {
      this.#startIdle()
      turn.resolve()
    }
  }

  end(): void {
    clearTimeout(this.#idle)
    this.#child?.stdin.end()
    this.#child = undefined
  }

  async #ask(request: ConnectRequest, deadline: Deadline) {
    if (deadline.isOver) throw late(request)
    clearTimeout(this.#idle)
    this.#child ??= this.#start()
    const child = this.#child
    child.stdin.write(`${JSON.stringify(request)}\n`)
    const line = await readLine(child, Math.min(maxLookupMs, deadline.leftMs))
    if (line === undefined) {
      this.#kill(child)
      throw late(request)
    }
    const answer = connectAnswer.safeParse(parseJson(line))
    if (!answer.success) {
      this.#kill(child)
      throw new Problem(
        'internal',
        `cannot connect to ${request.path}: the child that connects ended: ${line.slice(0, 500)}`,
      )
    }
    if ('failed' in answer.data) return answer.data
    const { socket, peerPid } = answer.data
    // Only the helper gets here: test programs under plain Node load this file, and have no bun:ffi.
    const { copyDescriptor } = await import('../kernel/guest-sockets.ts')
    try {
      return { fd: copyDescriptor(child.pid ?? 0, socket), peerPid }
    } finally {
      // Lets the child close its own copy.
      child.stdin.write('\n')
    }
  }

  #start(): Child {
    if (this.#stuck.size >= maxStuckChildren) {
      throw new Problem(
        'busy',
        `cannot connect to monitors: ${maxStuckChildren} look-ups of paths that guests named still hang`,
        { remedy: 'Look for a network or FUSE mount that does not answer.' },
      )
    }
    // The very program that runs, whatever lies at its path by now; run from source, Bun needs the script's name.
    const script = process.env.SINGLETON_BUILD_DIGEST === undefined ? [process.argv[1] ?? ''] : []
    const child = spawn(ownProgram, [...script, 'connect-sockets'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: '/',
      env: { LANG: 'C.UTF-8' },
    })
    child.on('error', () => this.#forget(child))
    child.on('exit', () => this.#forget(child))
    child.stdin.on('error', () => this.#forget(child))
    return child
  }

  #kill(child: Child): void {
    this.#stuck.add(child)
    child.kill('SIGKILL')
    if (this.#child === child) this.#child = undefined
  }

  #forget(child: Child): void {
    this.#stuck.delete(child)
    if (this.#child === child) this.#child = undefined
  }

  #startIdle(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.end(), idleMs)
  }
}

function late({ path }: ConnectRequest): Problem {
  return new Problem(
    'timed-out',
    `cannot connect to the monitor ${path}: looking up its path takes too long`,
    {
      remedy: 'See whether its path crosses a network or FUSE mount that does not answer.',
    },
  )
}

/** undefined: none came in time. An empty or cut-off one: the child has ended. */
function readLine(child: Child, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = ''
    const settle = (line: string | undefined) => {
      clearTimeout(timer)
      child.stdout.off('data', onData)
      child.off('exit', onExit).off('error', onExit)
      resolve(line)
    }
    const onData = (chunk: Buffer) => {
      text += chunk.toString('utf8')
      if (text.includes('\n') || text.length > maxAnswerLength) settle(text.split('\n')[0])
    }
    const onExit = () => settle(text)
    const timer = setTimeout(() => settle(undefined), timeoutMs)
    child.stdout.on('data', onData)
    child.on('exit', onExit).on('error', onExit)
  })
}

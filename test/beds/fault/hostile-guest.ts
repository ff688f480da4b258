// Processes that pass for guests and do with their descriptors what a hostile one might; see hostile-guest.c.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { runOk } from '../lab/run.ts'

export const openFlags = {
  read: 0,
  write: 1,
  readWrite: 2,
  nonBlocking: 0o4000,
  pathOnly: 0o10000000,
} as const

/** A user that has nothing. */
export const stranger = 4242

export class HostileGuest {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>
  readonly #ended: Promise<unknown>

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    this.#ended = new Promise((resolve) => child.once('close', resolve))
  }

  /** A number that the command answers with. Throws with the errno where it fails. */
  async tell(command: string): Promise<number> {
    this.#child.stdin.write(`${command}\n`)
    const { value, done } = await this.#answers.next()
    if (done || value.startsWith('error'))
      throw new Error(`the guest cannot ${command}: ${value ?? 'it has ended'}`)
    return Number(value)
  }

  open(path: string, flags: number = openFlags.read): Promise<number> {
    return this.tell(`open ${flags} ${path}`)
  }

  async end(): Promise<void> {
    this.#child.stdin.end()
    await this.#ended
  }
}

/** Compiles the program, owned by root and writable by nobody else. */
export async function buildHostileGuest(
  folder: string,
  name = 'qemu-system-hostile',
  file = 'hostile-guest.c',
): Promise<string> {
  const program = join(folder, name)
  if (existsSync(program)) return program
  const source = join(import.meta.dirname, file)
  await runOk('gcc', ['-O2', '-Wall', '-Werror', '-static', '-pthread', '-o', program, source])
  chmodSync(program, 0o755)
  return program
}

/** Starts one in the namespaces of a lab host. It answers once it has its RAM. */
export async function startHostileGuest(
  initPid: number,
  program: string,
  args: readonly string[],
): Promise<HostileGuest> {
  const enter = ['--target', String(initPid), '--pid', '--mount', '--uts', '--', program, ...args]
  const guest = new HostileGuest(spawn('nsenter', enter))
  // Any command that succeeds: then the RAM is there.
  await guest.tell('dup 1 200')
  return guest
}

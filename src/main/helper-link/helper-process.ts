// Starts `singleton-helper serve` on a host and waits for its preamble.
import type { Readable } from 'node:stream'
import { Problem } from '../../shared/problem.ts'
import type { OnLog } from '../ssh/ask.ts'
import { describeExit, type ExitStatus, type HostProcess, type HostShell } from '../ssh/host-process.ts'
import type { BuiltHelper } from './manifest.ts'
import { PeerGuard, type Preamble } from './peer-guard.ts'
import { followPeerLog, type PeerLog } from './peer-log.ts'
import type { Privilege } from './privilege.ts'
import { startScript } from './start-script.ts'
import { inTerminal, SudoConversation, SudoPrompt } from './sudo.ts'

export interface StartOptions {
  readonly shell: HostShell
  readonly path: string
  readonly built: Pick<BuiltHelper, 'sha256' | 'bytes'>
  readonly privilege: Privilege
  readonly readOnly: boolean
  readonly onLog: OnLog
  readonly signal: AbortSignal
  readonly preambleTimeoutMs?: number | undefined
}

export interface RunningHelper {
  readonly process: HostProcess
  readonly preamble: Preamble
  /** Frames only, within the limits of the guard. */
  readonly frames: Readable
  readonly log: PeerLog
}

/** It ended before it said who it is. */
export interface FailedStart {
  readonly status: ExitStatus
  readonly log: PeerLog
}

/** Root's first copy of the helper, and its digest, take their time on a slow disk. */
const preambleDefaultMs = 60_000

/** Rejects with a Problem for a peer that is no helper; a program that ends at once is an answer. */
export async function startHelper(options: StartOptions): Promise<RunningHelper | FailedStart> {
  const { shell, privilege, signal, onLog } = options
  const prompt = new SudoPrompt()
  const process = await shell.start(serveScript(options, prompt), signal)
  if (privilege.kind === 'sudo-with-password') {
    const conversation = new SudoConversation(process, prompt)
    void conversation.asked.then(() => conversation.answer(privilege.password))
    process.stdout.once('data', () => conversation.stop())
  } else process.stdin.on('error', () => process.kill())
  const log = followPeerLog(process.stderr, (level, text) => {
    if (!prompt.isIn(text)) onLog(level, text)
  })
  try {
    return await awaitPreamble(process, log, options)
  } catch (error) {
    process.kill()
    throw error
  }
}

async function awaitPreamble(
  process: HostProcess,
  log: PeerLog,
  { shell, signal, preambleTimeoutMs = preambleDefaultMs }: StartOptions,
): Promise<RunningHelper | FailedStart> {
  const arrived = Promise.withResolvers<Preamble>()
  const guard = new PeerGuard(shell.label, arrived.resolve)
  guard.on('error', arrived.reject)
  process.stdout.on('error', (error) => guard.destroy(error))
  process.stdout.pipe(guard)
  const timer = setTimeout(() => {
    const seconds = preambleTimeoutMs / 1000
    arrived.reject(
      new Problem(
        'timed-out',
        `cannot start the helper on ${shell.label}: it did not identify itself within ${seconds} s`,
      ),
    )
  }, preambleTimeoutMs)
  try {
    const outcome = await Promise.race([arrived.promise, process.exited])
    signal.throwIfAborted()
    if ('digest' in outcome) return { process, preamble: outcome, frames: guard, log }
    guard.destroy()
    return { status: outcome, log }
  } finally {
    clearTimeout(timer)
    arrived.promise.catch(() => undefined)
  }
}

function serveScript({ path, built, privilege, readOnly }: StartOptions, prompt: SudoPrompt): string {
  const start = { path, sha256: built.sha256, bytes: built.bytes, readOnly }
  if (privilege.kind === 'root' || privilege.kind === 'none') return startScript(start, undefined)
  const sudo = privilege.kind === 'sudo' ? 'sudo -n' : `sudo -k -S -p ${prompt.option}`
  const script = startScript(start, sudo)
  return privilege.terminal ? inTerminal(script) : script
}

/** Why a helper that ended before its preamble did so. */
export function startProblem({ status, log }: FailedStart, label: string): Problem {
  const said = log.tail()
  const ending = said === '' ? describeExit(status) : `${describeExit(status)}: ${said}`
  if (status.code === 132 || status.signal === 'SIGILL' || status.signal === 'ILL') {
    return new Problem(
      'not-supported',
      `cannot run the helper on ${label}: its processor lacks instructions that the helper needs (${ending})`,
      {
        remedy: 'It needs AVX2, or the baseline helper: npm run build:helper -- --all',
      },
    )
  }
  return new Problem(
    'system',
    `cannot run the helper on ${label}: it ended before it identified itself (${ending})`,
  )
}

// Starts `singleton-helper serve` on a host and waits for its preamble.
import type { Readable } from 'node:stream'
import { Problem } from '../../shared/problem.ts'
import type { OnLog } from '../ssh/ask.ts'
import {
  describeExit,
  type ExitStatus,
  type HostProcess,
  type HostShell,
  quoteWord,
} from '../ssh/host-process.ts'
import { PeerGuard, type Preamble } from './peer-guard.ts'
import { followPeerLog, type PeerLog } from './peer-log.ts'
import { answerSudo, makePrompt, type Privilege } from './privilege.ts'

export interface StartOptions {
  readonly shell: HostShell
  readonly path: string
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

const PREAMBLE_TIMEOUT_MS = 15_000

/** Rejects with a Problem for a peer that is no helper; a program that ends at once is an answer. */
export async function startHelper(options: StartOptions): Promise<RunningHelper | FailedStart> {
  const { shell, privilege, signal, onLog } = options
  const prompt = makePrompt()
  const process = await shell.start(serveScript(options, prompt), signal)
  if (privilege.kind === 'sudo-with-password') {
    const answering = answerSudo(process, prompt, privilege.password)
    process.stdout.once('data', answering.stop)
  } else process.stdin.on('error', () => process.kill())
  const log = followPeerLog(process.stderr, (level, text) => {
    if (!text.includes(prompt)) onLog(level, text)
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
  { shell, signal, preambleTimeoutMs = PREAMBLE_TIMEOUT_MS }: StartOptions,
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
        `cannot start the helper on ${shell.label}: it does not say who it is within ${seconds} s`,
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

/**
 * The environment is built from nothing: `BUN_*` variables would change what the helper is. HOME is root's
 * under sudo, and the login behind it is named for the audit.
 */
function serveScript({ path, privilege, readOnly }: StartOptions, prompt: string): string {
  const serve = `${quoteWord(path)} serve${readOnly ? ' --read-only' : ''}`
  const kept = ['SSH_CONNECTION', 'SINGLETON_STATE_DIR', 'SINGLETON_RUN_DIR']
    .map((name) => `\${${name}:+${name}="$${name}"}`)
    .join(' ')
  const isSudo = privilege.kind === 'sudo' || privilege.kind === 'sudo-with-password'
  const owner = isSudo ? 'HOME=/root SUDO_USER="$(id -un)"' : 'HOME="$HOME"'
  const path_ = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  const clean = `env -i PATH=${path_} LANG=C.UTF-8 ${owner} ${kept} ${serve}`
  if (privilege.kind === 'sudo') return `exec sudo -n ${clean}`
  if (privilege.kind === 'sudo-with-password') return `exec sudo -k -S -p ${prompt} ${clean}`
  return `exec ${clean}`
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
    `cannot run the helper on ${label}: it ended before it said who it is (${ending})`,
  )
}

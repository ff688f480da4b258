// A program running on a host, and the shell that starts it: alike over SSH and on this machine.
import type { Readable, Writable } from 'node:stream'
import type { Problem } from '../../shared/problem.ts'

export interface ExitStatus {
  /** Absent when a signal ended it, or when nobody could tell. */
  readonly code?: number
  readonly signal?: string
}

export interface HostProcess {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves once it has ended and its output is complete; never rejects. */
  readonly exited: Promise<ExitStatus>
  /** Asks it to end and closes its streams; does not wait. */
  kill(): void
}

export interface HostShell {
  /** `user@host:port`, or `this machine`. */
  readonly label: string
  /** Login name there. */
  readonly user: string
  /** Runs a one-line POSIX shell script. Rejects with a Problem when it cannot be started. */
  start(script: string, signal: AbortSignal): Promise<HostProcess>
  /** Resolves, never rejects, with why the shell is gone. */
  readonly closed: Promise<Problem>
  close(): Promise<void>
}

/** `exit code 3`, `signal SIGKILL`; for messages. */
export function describeExit({ code, signal }: ExitStatus): string {
  if (signal !== undefined) return `signal ${signal.startsWith('SIG') ? signal : `SIG${signal}`}`
  return code === undefined ? 'no exit code' : `exit code ${code}`
}

/**
 * One word for any login shell: csh expands `!` and fish drops every second `\\` even between single quotes, so
 * these stand outside of them. The text is of one line; csh knows no other.
 */
export function quoteLoginWord(text: string): string {
  return `'${text.replaceAll(/['\\!]/g, (special) => `'\\${special}'`)}'`
}

// Runs programs to their end, with a timeout; the lab starts everything else through these two.

import { spawn } from 'node:child_process'
import { withValue } from '../../../src/shared/with-value.ts'

export interface RunResult {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

export interface RunOptions {
  readonly input?: string
  readonly timeoutMs?: number
  readonly env?: NodeJS.ProcessEnv
}

/** Runs a program; a non-zero exit is a result, not an error. Its code is -1 if it was killed. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { promise, resolve, reject } = Promise.withResolvers<RunResult>()
  // What runs for a lab must not outlive its owner: an orphan would write into folders that are being removed.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 120_000,
    killSignal: 'SIGKILL',
    ...withValue({ env: options.env }),
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  child.on('error', reject)
  // A program that exits early closes its input: its exit code tells, not the broken pipe.
  child.stdin.on('error', (error: NodeJS.ErrnoException) => error.code === 'EPIPE' || reject(error))
  child.stdin.end(options.input ?? '')
  child.on('close', (code) => {
    resolve({
      stdout: Buffer.concat(stdout).toString(),
      stderr: Buffer.concat(stderr).toString(),
      code: code ?? -1,
    })
  })
  return promise
}

/** Runs a program that must succeed; returns its standard output. */
export async function runOk(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await run(program, args, options)
  if (result.code !== 0) {
    throw new Error(
      `cannot run ${program} ${args.join(' ')}: exit ${result.code}: ${(result.stderr || result.stdout).trim()}`,
    )
  }
  return result.stdout
}

// Runs a short script on a host and reads what it says, whatever a login shell prints around it.
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../../shared/problem.ts'
import type { ExitStatus, HostShell } from '../ssh/host-process.ts'

/** Lines that scripts mean for us start with this; all others are noise. */
const saidPrefix = 'singleton:'
const maxOutputLength = 64 * 1024
const timeoutMs = 30_000

export interface ScriptResult {
  readonly status: ExitStatus
  /** `singleton:key=value` lines; a repeated key keeps all its values. */
  readonly said: ReadonlyMap<string, readonly string[]>
  readonly stderr: string
}

/** Rejects when it cannot be started, says more than 64 KiB, or takes more than 30 s. */
export async function runScript(
  shell: HostShell,
  script: string,
  signal: AbortSignal,
): Promise<ScriptResult> {
  const running = await shell.start(script, signal)
  const output = { stdout: '', stderr: '' }
  const overflow = Promise.withResolvers<never>()
  for (const name of ['stdout', 'stderr'] as const) {
    running[name].setEncoding('utf8').on('data', (text: string) => {
      if (output[name].length < maxOutputLength) output[name] += text
      else if (name === 'stdout') overflow.reject(tooMuch(shell.label))
    })
  }
  running.stdin.on('error', () => running.kill())
  running.stdin.end()
  const timer = new AbortController()
  try {
    const status = await Promise.race([running.exited, overflow.promise, expire(shell.label, timer.signal)])
    signal.throwIfAborted()
    return { status, said: parseSaid(output.stdout), stderr: output.stderr }
  } finally {
    timer.abort()
    overflow.promise.catch(() => undefined)
    running.kill()
  }
}

async function expire(label: string, signal: AbortSignal): Promise<never> {
  await sleep(timeoutMs, undefined, { signal })
  throw new Problem('timed-out', `cannot run a script on ${label}: not finished within ${timeoutMs / 1000} s`)
}

function tooMuch(label: string): Problem {
  return new Problem(
    'protocol',
    `cannot run a script on ${label}: it prints more than ${maxOutputLength / 1024} KiB`,
  )
}

/** Pure. */
export function parseSaid(text: string): Map<string, string[]> {
  const said = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const match = /^singleton:([\w-]+)=(.*?)\r?$/.exec(line)
    if (!match?.[1] || match[2] === undefined) continue
    said.set(match[1], [...(said.get(match[1]) ?? []), match[2]])
  }
  return said
}

/** A shell command that says `key=value`; the value may hold shell expansions. */
export function say(key: string, value: string): string {
  return `printf '%s\\n' "${saidPrefix}${key}=${value}"`
}

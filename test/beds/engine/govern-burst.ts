// One burst of `govern`, outside of any lab host, where ksmd is visible.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { waitUntil } from '../lab/processes.ts'
import type { EngineLab } from './engine-lab.ts'

const ENDED = /by measurement/

interface Round {
  readonly ksm: { readonly run: number; readonly bursting: boolean }
  readonly decisions: readonly string[]
}

/**
 * Lets `govern` work until its first burst is over and it has said how it ended, then ends it. Returns all that it
 * decided. A whole core may go to ksmd: tests have no time for the default of a fifth.
 */
export async function governOneBurst(lab: EngineLab, timeoutMs: number): Promise<string[]> {
  const folder = dirname(lab.program)
  const policy = join(folder, 'one-burst.json')
  const out = join(folder, 'one-burst.out')
  const ksm = { mode: 'govern', cpuRatio: 1 }
  writeFileSync(policy, JSON.stringify({ scrub: { mode: 'observe' }, ksm }))
  const fd = openSync(out, 'w')
  const child = spawn(lab.program, ['govern', '--json', '--policy', policy], {
    env: {
      ...process.env,
      SINGLETON_STATE_DIR: join(folder, 'state'),
      SINGLETON_RUN_DIR: join(folder, 'run'),
    },
    stdio: ['ignore', fd, 'inherit'],
  })
  closeSync(fd)
  const rounds = () => parseRounds(readFileSync(out, 'utf8'))
  try {
    await waitUntil(
      () => child.exitCode !== null || isOver(rounds()),
      timeoutMs,
      () => `govern ends no burst in ${timeoutMs / 1000} s: ${decisionsOf(rounds()).join('; ')}`,
    )
  } finally {
    await end(child)
  }
  return decisionsOf(rounds())
}

/** ksmd rests, and what was left has been measured: only then is it known how the burst ended. */
function isOver(rounds: readonly Round[]): boolean {
  const last = rounds.at(-1)?.ksm
  return last?.run === 0 && !last.bursting && decisionsOf(rounds).some((line) => ENDED.test(line))
}

function decisionsOf(rounds: readonly Round[]): string[] {
  return rounds.flatMap(({ decisions }) => decisions).filter((line) => line.startsWith('KSM'))
}

/** Whole lines only: the last one may still be in the writing. */
function parseRounds(text: string): Round[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Round)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

// Bursts of `govern` until it has nothing more to do, outside of any lab host, where ksmd is visible.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { waitUntil } from '../lab/processes.ts'
import type { EngineLab } from './engine-lab.ts'

const BURST_LINE = /^KSM: (burst,|realised|exhausted|given up)/
const JUDGED = /by measurement/

interface Round {
  /** Of the wall clock, in milliseconds. */
  readonly at: number
  readonly ksm: {
    readonly run: number
    readonly bursting: boolean
    readonly ksmdCpuSeconds: number | null
    readonly hugePageBytes: number | null
  }
  readonly decisions: readonly string[]
}

export interface GovernOutside {
  rounds(): Round[]
  hasEnded(): boolean
  end(): Promise<void>
}

/** `govern` with this policy for KSM, outside of any lab host, where ksmd is visible. */
export function startGovernOutside(lab: EngineLab, ksm: object): GovernOutside {
  const folder = dirname(lab.program)
  const policy = join(folder, 'outside.json')
  const out = join(folder, 'outside.out')
  writeFileSync(policy, JSON.stringify({ scrub: { mode: 'observe' }, ksm: { mode: 'govern', ...ksm } }))
  const fd = openSync(out, 'w')
  // Ends with the test, also where that is killed: it would go on governing this machine's KSM.
  const govern = ['--pdeathsig', 'TERM', lab.program, 'govern', '--json', '--policy', policy]
  const child = spawn('setpriv', govern, {
    env: {
      ...process.env,
      SINGLETON_STATE_DIR: join(folder, 'state'),
      SINGLETON_RUN_DIR: join(folder, 'run'),
    },
    stdio: ['ignore', fd, 'inherit'],
  })
  closeSync(fd)
  return {
    rounds: () => parseRounds(readFileSync(out, 'utf8')),
    hasEnded: () => child.exitCode !== null,
    end: () => end(child),
  }
}

/**
 * Lets `govern` work until it has said how its last burst ended, then ends it. Returns what it decided, each line once.
 * A whole core may go to ksmd: tests have no time for the default of a fifth.
 */
export async function governUntilDone(lab: EngineLab, timeoutMs: number): Promise<string[]> {
  const { rounds, hasEnded, end: endGovern } = startGovernOutside(lab, { cpuRatio: 1 })
  try {
    await waitUntil(
      () => hasEnded() || isOver(rounds()),
      timeoutMs,
      () => `govern is not done in ${timeoutMs / 1000} s: ${decisionsOf(rounds()).join('; ')}`,
    )
  } finally {
    await endGovern()
  }
  return [...new Set(decisionsOf(rounds()))]
}

/** ksmd rests, what is left has been measured (only then is it known how a burst ended), and is not tried again now. */
function isOver(rounds: readonly Round[]): boolean {
  const last = rounds.at(-1)?.ksm
  const judged = decisionsOf(rounds).findLast((line) => BURST_LINE.test(line)) ?? ''
  return last?.run === 0 && !last.bursting && JUDGED.test(judged) && !judged.endsWith('which is tried again')
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

// A burst that `ksm start` began: noted in the journal, so that every helper can tell how it stands.

import type { KsmBurst, KsmCounters } from '../../../src/shared/contract/ksm.ts'
import { wallClock } from '../../../src/shared/wall-clock.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readStartTime } from '../kernel/processes.ts'
import { mergedPages } from '../kernel/read-ksm.ts'
import { type BurstProgress, beginBurst } from '../policies/ksm-burst.ts'
import { type Journal, type JournaledBurst, readJournal, writeJournal } from './journal.ts'
import type { KsmContext } from './restore-ksm.ts'

/** Notes that this process will end the burst that is about to begin; without `counters`, that none is. */
export async function noteBurst(context: KsmContext, counters: KsmCounters | undefined): Promise<void> {
  const journal = await readJournal(context.folders, context.root)
  if (journal === undefined) return
  const { burst: _before, ...others } = journal
  if (counters === undefined) return writeJournal(context.folders, others)
  const { firstPass, mergedAtStart } = beginBurst(counters, mergedPages(counters))
  const burst = { since: wallClock(), watcher: await describeSelf(context.root), firstPass, mergedAtStart }
  writeJournal(context.folders, { ...others, burst })
}

/** Notes the end of the burst, unless it has ended; `realised`: by itself. */
export function noteBurstEnd(
  context: KsmContext,
  journal: Journal | undefined,
  counters: KsmCounters,
  realised: boolean,
): void {
  if (journal?.burst === undefined || journal.burst.ended !== undefined) return
  const ended = { at: wallClock(), realised, wholePasses: countPasses(journal.burst, counters) }
  writeJournal(context.folders, { ...journal, burst: { ...journal.burst, ended } })
}

/** This process watches it from now on. */
export async function adoptBurst(
  context: KsmContext,
  journal: Journal,
  burst: JournaledBurst,
): Promise<void> {
  writeJournal(context.folders, {
    ...journal,
    burst: { ...burst, watcher: await describeSelf(context.root) },
  })
}

/** From where following it goes on. */
export function progressOf(burst: JournaledBurst, counters: KsmCounters): BurstProgress {
  const { firstPass, mergedAtStart } = burst
  const pass = counters.fullScans
  return { firstPass, mergedAtStart, pass, mergedAtPass: mergedPages(counters), gainedPages: undefined }
}

export async function isWatched(root: KernelRoot, { watcher }: JournaledBurst): Promise<boolean> {
  return (await readStartTime(root, watcher.pid)) === watcher.startTime
}

/** For the status. A burst whose scanning somebody else has ended counts as stopped. */
export async function describeBurst(
  root: KernelRoot,
  burst: JournaledBurst,
  now: { readonly run: number; readonly counters: KsmCounters },
): Promise<KsmBurst> {
  const { since, ended } = burst
  if (ended !== undefined) {
    const { realised, wholePasses, at } = ended
    return { since, state: realised ? 'realised' : 'stopped', wholePasses, endedAt: at }
  }
  const scanning = (await isWatched(root, burst)) ? 'running' : 'unwatched'
  const state = now.run === 1 ? scanning : 'stopped'
  return { since, state, wholePasses: countPasses(burst, now.counters) }
}

function countPasses(burst: JournaledBurst, counters: KsmCounters): number {
  return Math.max(0, counters.fullScans - burst.firstPass)
}

async function describeSelf(root: KernelRoot): Promise<JournaledBurst['watcher']> {
  return { pid: process.pid, startTime: (await readStartTime(root, process.pid)) ?? 'unknown' }
}

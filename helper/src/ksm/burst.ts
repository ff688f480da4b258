// A burst that `ksm start` began: noted in the journal, so that every helper can tell how it stands.

import type { KsmBurst, KsmCounters } from '../../../src/shared/contract/ksm.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { ChangeContext } from '../changes/change.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { pageSize } from '../kernel/page-size.ts'
import { readStartTime } from '../kernel/process-stat.ts'
import { type BurstProgress, burstRule, followBurst } from '../policies/ksm-burst.ts'
import { type Journal, type JournaledBurst, readJournal, writeJournal } from './journal.ts'

/** What a burst begins with. */
export type BurstBeginning = Pick<
  JournaledBurst,
  'progress' | 'guestPids' | 'thresholdBytes' | 'hugePagesBeforeBytes'
>

/**
 * Notes that this process will end the burst that is about to begin; `undefined`: that none is about to. Does nothing where
 * there is no journal. Needs root and the lock of the host.
 */
export async function noteBurst(
  context: ChangeContext,
  beginning: BurstBeginning | undefined,
): Promise<void> {
  const journal = await readJournal(context.folders, context.root)
  if (journal === undefined) return
  const { burst: _before, ...others } = journal
  if (beginning === undefined) return writeJournal(context.folders, others)
  const burst = { since: wallClock(), watcher: await describeSelf(context.root), ...beginning }
  writeJournal(context.folders, { ...others, burst })
}

/**
 * Changes the note of a burst that has not ended, if it is still the one that began at `since`; otherwise nothing. Needs
 * root and the lock of the host.
 */
export async function updateBurst(
  context: ChangeContext,
  since: number,
  change: Partial<JournaledBurst>,
): Promise<void> {
  const journal = await readJournal(context.folders, context.root)
  if (journal?.burst?.since !== since || journal.burst.ended !== undefined) return
  writeJournal(context.folders, { ...journal, burst: { ...journal.burst, ...change } })
}

/**
 * Notes that scanning was ended from outside; a burst that has ended by itself stays as it is. Needs root and the lock of
 * the host.
 */
export function noteBurstStopped(
  context: ChangeContext,
  journal: Journal | undefined,
  counters: KsmCounters,
): void {
  const burst = journal?.burst
  if (journal === undefined || burst === undefined || burst.ended !== undefined) return
  const ended: KsmBurst = {
    ...describeProgress(burst, counters),
    state: 'stopped',
    endedAt: wallClock(),
  }
  writeJournal(context.folders, { ...journal, burst: { ...burst, ended } })
}

/** Notes that this process watches the burst from now on. Needs root and the lock of the host. */
export async function adoptBurst(
  context: ChangeContext,
  journal: Journal,
  burst: JournaledBurst,
): Promise<JournaledBurst> {
  const adopted = { ...burst, watcher: await describeSelf(context.root) }
  writeJournal(context.folders, { ...journal, burst: adopted })
  return adopted
}

/** Whether the process that began the burst, or adopted it, still runs. Needs no privilege. */
export async function isWatched(root: KernelRoot, { watcher }: JournaledBurst): Promise<boolean> {
  return (await readStartTime(root, watcher.pid)) === watcher.startTime
}

/** For the status. A burst whose scanning another program has ended counts as stopped. Needs no privilege. */
export async function describeBurst(
  root: KernelRoot,
  burst: JournaledBurst,
  now: { readonly run: number; readonly counters: KsmCounters },
): Promise<KsmBurst> {
  if (burst.ended !== undefined) return burst.ended
  const described = describeProgress(burst, now.counters)
  const isAlive = await isWatched(root, burst)
  if (burst.measuring && isAlive) return { ...described, state: 'measuring' }
  if (now.run !== 1) return { ...described, state: 'stopped' }
  return { ...described, state: isAlive ? 'running' : 'unwatched' }
}

/** Figures of a burst under way, as the counters show them now. */
export function describeProgress(
  { since, progress, thresholdBytes }: Pick<JournaledBurst, 'since' | 'progress' | 'thresholdBytes'>,
  counters: KsmCounters,
): KsmBurst {
  const { freedPages, passes, progress: now } = followBurst(progress, counters, burstRule)
  const { potentialPages } = progress.aim
  const cpuSeconds = usedCpuSeconds(now, counters)
  return {
    since,
    state: 'running',
    wholePasses: passes,
    ...(potentialPages !== undefined && {
      potentialBytes: potentialPages * pageSize,
      freedBytes: Math.round(freedPages) * pageSize,
    }),
    ...withValue({ thresholdBytes }),
    ...(now.voidPasses !== 0 && { voidPasses: now.voidPasses, ...voidCost(now) }),
    ...withValue({ ksmdCpuSeconds: cpuSeconds }),
  }
}

/** Unknown where /proc does not show ksmd. */
function voidCost({ startCpuSeconds, voidCpuSeconds }: BurstProgress): { voidCpuSeconds?: number } {
  return startCpuSeconds === undefined ? {} : { voidCpuSeconds }
}

function usedCpuSeconds({ startCpuSeconds }: BurstProgress, counters: KsmCounters): number | undefined {
  if (startCpuSeconds === undefined || counters.ksmdCpuSeconds === undefined) return undefined
  return Math.max(0, counters.ksmdCpuSeconds - startCpuSeconds)
}

async function describeSelf(root: KernelRoot): Promise<JournaledBurst['watcher']> {
  return { pid: process.pid, startTime: (await readStartTime(root, process.pid)) ?? 'unknown' }
}

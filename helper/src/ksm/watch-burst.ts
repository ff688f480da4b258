// Watches a burst and ends it when it is realised: run=0, which keeps what is merged.
import { asProblem } from '../../../src/shared/problem.ts'
import { sleep } from '../../../src/shared/waiting.ts'
import { type ChangeNotes, changeHost } from '../changes/change.ts'
import { readBurstCounters, readKsmCounters, readKsmSettings } from '../kernel/read-ksm.ts'
import { burstRule, followBurst } from '../policies/ksm-burst.ts'
import { adoptBurst, isWatched, noteBurstEnd, progressOf } from './burst.ts'
import { type JournaledBurst, readJournal } from './journal.ts'
import type { KsmContext } from './restore-ksm.ts'
import { writeKsmSetting } from './write-ksm.ts'

// ksmd looks at some 10,000 pages meanwhile: what is scanned for nothing at the end.
const LOOK_MS = 50
// Whether somebody else has ended or replaced the burst.
const RECHECK_LOOKS = 20
// Another change is under way: it may be an unmerge of minutes.
const BUSY_MS = 500

/**
 * Returns when the burst in the journal is over: ended here, by `signal`, or by somebody else. Nothing to do where
 * there is none, or another helper watches it.
 */
export async function watchBurst(context: KsmContext, signal: AbortSignal): Promise<void> {
  const burst = await takeBurst(context)
  if (burst === undefined) return
  let progress = progressOf(burst, await readKsmCounters(context.root))
  let why = 'stopped'
  for (let look = 1; !signal.aborted; look += 1) {
    const followed = followBurst(progress, await readBurstCounters(context.root), burstRule)
    progress = followed.progress
    if (followed.end !== undefined) {
      why = `realised: ${followed.end} after ${followed.passes} whole passes`
      break
    }
    if (look % RECHECK_LOOKS === 0 && !(await isUnderWay(context, burst))) return
    await sleep(LOOK_MS, signal)
  }
  await endBurst(context, burst, why, signal)
}

async function takeBurst(context: KsmContext): Promise<JournaledBurst | undefined> {
  const journal = await readJournal(context.folders, context.root)
  const burst = journal?.burst
  if (journal === undefined || burst === undefined || burst.ended !== undefined) return undefined
  if ((await readKsmSettings(context.root)).run !== 1) return undefined
  if (burst.watcher.pid === process.pid) return burst
  if (await isWatched(context.root, burst)) return undefined
  context.log('a burst of KSM is under way whose helper is gone: watching it to its end')
  await adoptBurst(context, journal, burst)
  return burst
}

async function isUnderWay(context: KsmContext, burst: JournaledBurst): Promise<boolean> {
  const now = (await readJournal(context.folders, context.root))?.burst
  const { run } = await readKsmSettings(context.root)
  return run === 1 && now?.since === burst.since && now.ended === undefined
}

/** Waits for the lock unless aborted, and looks again under it: the burst may be another by then. */
async function endBurst(
  context: KsmContext,
  burst: JournaledBurst,
  why: string,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      return await changeHost(context, { action: 'ksm burst end' }, (notes) =>
        stopScanning(context, burst, why, notes),
      )
    } catch (error) {
      if (asProblem(error).code !== 'busy' || signal.aborted) throw error
      if (!(await isUnderWay(context, burst))) return
      await sleep(BUSY_MS, signal)
    }
  }
}

async function stopScanning(
  context: KsmContext,
  burst: JournaledBurst,
  why: string,
  notes: ChangeNotes,
): Promise<void> {
  if (!(await isUnderWay(context, burst))) return
  notes.before = 'run 1'
  notes.after = `run 0, ${why}`
  await writeKsmSetting(context.root, 'run', '0')
  const journal = await readJournal(context.folders, context.root)
  noteBurstEnd(context, journal, await readKsmCounters(context.root), why !== 'stopped')
}

// Watches a burst to its end: stops scanning (run=0 keeps what is merged), measures what is left, tries that again
// where it pays, and gives back huge pages that were split in vain.
import { asProblem } from '../../../src/shared/problem.ts'
import { sleep } from '../../../src/shared/time/waiting.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import { type ChangeContext, changeHost } from '../changes/change.ts'
import { withLock } from '../changes/lock.ts'
import { pageSize } from '../kernel/page-size.ts'
import { readKsmCounters, readKsmSettings, readScanCounters } from '../kernel/read-ksm.ts'
import {
  type BurstCounters,
  type BurstEnd,
  type BurstProgress,
  burstRule,
  type FollowedBurst,
  followBurst,
  mayBringMore,
} from '../policies/ksm-burst.ts'
import { adoptBurst, isWatched, updateBurst } from './burst.ts'
import { burstRate } from './burst-settings.ts'
import type { BurstTools } from './burst-tools.ts'
import {
  type BurstWatch,
  endScanning,
  isUnderWay,
  measureRest,
  noteBurstEnd,
  stopEarly,
} from './end-burst.ts'
import { type JournaledBurst, readJournal } from './journal.ts'
import { countGuestPages, type MeasuredPotential, startThresholdBytes } from './potential.ts'
import { describeBeginning } from './switch-ksm.ts'
import { writeKsmSetting } from './write-ksm.ts'

/** In this time ksmd looks at some 10,000 pages: so much is scanned for nothing at the end. */
const lookMillis = 50
/** Whether another program has ended or replaced the burst. */
const recheckLooks = 20
/** A burst whose fresh measurement still finds a potential is tried again, this often in all. */
const maxAttempts = 3
/** An attempt that freed less than this share of its aim is not followed by another. */
const worthAnotherRatio = 0.05

/**
 * Returns when the burst in the journal is over: ended here, by `signal`, or by another program. Nothing to do where
 * there is none, or another helper watches it. Without `tools` nothing is measured and nothing given back. Needs root and
 * takes the lock of the host for each change.
 */
export async function watchBurst(
  context: ChangeContext,
  signal: AbortSignal,
  tools?: BurstTools,
): Promise<void> {
  const burst = await takeBurst(context)
  if (burst === undefined) return
  const watch: BurstWatch = { context, tools, signal, burst }
  let foundPages = burst.progress.aim.potentialPages ?? 0
  for (let attempt = 1; ; attempt += 1) {
    const followed = await followToEnd(watch)
    if (followed === undefined) return
    const end = followed.end
    if (end === undefined) return stopEarly(watch)
    if (!(await endScanning(watch, describeEnd(end, followed)))) return
    const measured = await measureRest(watch)
    const isAgain = attempt < maxAttempts && isWorthAnother(watch, followed, end, foundPages, measured)
    if (!isAgain || measured === undefined) return noteBurstEnd(watch, followed, end, measured)
    foundPages = measured.bytes / pageSize
    if (!(await scanAgain(watch, measured))) return
  }
}

async function takeBurst(context: ChangeContext): Promise<JournaledBurst | undefined> {
  const journal = await readJournal(context.folders, context.root)
  const burst = journal?.burst
  if (journal === undefined || burst === undefined || burst.ended !== undefined) return undefined
  if ((await readKsmSettings(context.root)).run !== 1) return undefined
  if (burst.watcher.pid === process.pid) return burst
  if (await isWatched(context.root, burst)) return undefined
  context.log('a burst of KSM is running whose helper is gone: watching it to its end')
  return adoptBurst(context, journal, burst)
}

/** undefined: another program has ended it. Without an end: `signal` was aborted. */
async function followToEnd(watch: BurstWatch): Promise<FollowedBurst | undefined> {
  const { context, signal } = watch
  let progress: BurstProgress = watch.burst.progress
  for (let look = 1; !signal.aborted; look += 1) {
    const followed = followBurst(progress, await readCounters(watch, progress), burstRule)
    const passEnded = followed.progress.pass > progress.pass
    progress = followed.progress
    if (followed.end !== undefined) return followed
    if (passEnded) {
      watch.burst = { ...watch.burst, progress }
      await updateBurst(context, watch.burst.since, { progress })
      await placeAnchor(watch)
    }
    if (look % recheckLooks === 0 && !(await isUnderWay(watch))) return undefined
    await waitForLook(watch, progress.pass)
  }
  return { progress, passes: 0, freedPages: 0 }
}

/** Guests' resident pages take a file for each guest: read at the end of a pass only. */
async function readCounters({ context, burst }: BurstWatch, { pass }: BurstProgress): Promise<BurstCounters> {
  const counters = await readScanCounters(context.root)
  if (counters.fullScans <= pass || burst.guestPids.length === 0) return counters
  return { ...counters, guestPages: await countGuestPages(context.root, burst.guestPids) }
}

/** While the anchor has no place, the end of a pass must be seen at once. */
async function waitForLook({ context, tools, signal }: BurstWatch, pass: number): Promise<void> {
  if (tools === undefined || tools.anchor.isPlaced) return sleep(lookMillis, signal)
  await tools.anchor.passEnded(context.root, pass, lookMillis, signal)
}

/** Only where no other helper changes the host now: it saves a pass, and a later try does as well. */
async function placeAnchor(watch: BurstWatch): Promise<void> {
  const { context, tools } = watch
  if (tools === undefined || tools.anchor.isPlaced) return
  const purpose = { who: context.actor.who, action: 'ksm burst' }
  try {
    await withLock(context.folders, context.root, purpose, async () => {
      if (await isUnderWay(watch)) await tools.anchor.place(context.root, burstRate.pagesToScan)
    })
  } catch (error) {
    if (asProblem(error).code !== 'busy') throw error
  }
}

/** As much is left as a burst would begin for. `foundPages`: what this attempt had before it. */
function isWorthAnother(
  { burst }: BurstWatch,
  followed: FollowedBurst,
  end: BurstEnd,
  foundPages: number,
  measured: MeasuredPotential | undefined,
): boolean {
  const { potentialPages } = burst.progress.aim
  if (measured === undefined || potentialPages === undefined) return false
  return (
    measured.bytes >= startThresholdBytes(measured) &&
    mayBringMore(end, followed.progress, { foundPages, leftPages: measured.bytes / pageSize }) &&
    followed.freedPages >= worthAnotherRatio * potentialPages
  )
}

/** What is left becomes the aim. false: another program has begun something new. */
async function scanAgain(watch: BurstWatch, measured: MeasuredPotential): Promise<boolean> {
  const { context, burst } = watch
  const now = await readJournal(context.folders, context.root)
  if (now?.burst?.since !== burst.since) return false
  const counters = await readKsmCounters(context.root)
  const { progress } = await describeBeginning(context, counters, measured)
  // Figures of the whole burst: what it began with, and what is to come.
  const { aim, ...begun } = progress
  const savedPages = Math.min(burst.progress.aim.savedPages, aim.savedPages)
  const potentialPages = aim.savedPages - savedPages + (aim.potentialPages ?? 0)
  const again = { ...begun, aim: { savedPages, potentialPages } }
  watch.burst = { ...burst, progress: again, measuring: false }
  return changeHost(context, { action: 'ksm burst again' }, async (notes) => {
    const { run } = await readKsmSettings(context.root)
    if (run !== 0) return false
    notes.before = 'run 0'
    notes.after = `run 1, ${formatBytes(measured.bytes)} are left`
    await updateBurst(context, burst.since, { progress: again, measuring: false })
    await writeKsmSetting(context.root, 'run', '1')
    return true
  })
}

function describeEnd({ outcome, cause }: BurstEnd, { passes }: FollowedBurst): string {
  return `${outcome}: ${cause} after ${passes} whole passes`
}

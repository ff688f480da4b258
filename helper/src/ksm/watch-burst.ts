// Watches a burst to its end: stops scanning (run=0 keeps what is merged), measures what is left, tries that again
// where it pays, and gives back huge pages that were split in vain.
import type { KsmBurst } from '../../../src/shared/contract/ksm.ts'
import { asProblem } from '../../../src/shared/problem.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import { sleep } from '../../../src/shared/waiting.ts'
import { wallClock } from '../../../src/shared/wall-clock.ts'
import { type ChangeNotes, changeHost } from '../changes/change.ts'
import { withLock } from '../changes/lock.ts'
import { readMeminfo } from '../kernel/meminfo.ts'
import { readKsmCounters, readKsmSettings, readScanCounters } from '../kernel/read-ksm.ts'
import {
  type BurstCounters,
  type BurstEnd,
  type BurstProgress,
  burstRule,
  type FollowedBurst,
  followBurst,
  judgeByMeasurement,
  mayBringMore,
} from '../policies/ksm-burst.ts'
import { adoptBurst, describeProgress, isWatched, updateBurst } from './burst.ts'
import { burstRate } from './burst-settings.ts'
import type { BurstTools } from './burst-tools.ts'
import { explainRest } from './explain-rest.ts'
import { type JournaledBurst, readJournal } from './journal.ts'
import { countResidentPages, type MeasuredPotential, startThresholdBytes } from './potential.ts'
import type { KsmContext } from './restore-ksm.ts'
import { describeBeginning } from './switch-ksm.ts'
import { writeKsmSetting } from './write-ksm.ts'

/** ksmd looks at some 10,000 pages meanwhile: what is scanned for nothing at the end. */
const lookMillis = 50
/** Whether somebody else has ended or replaced the burst. */
const recheckLooks = 20
/** Another change is under way: it may be an unmerge of minutes. */
const busyMillis = 500
/** A burst whose fresh measurement still finds a potential is tried again, this often in all. */
const maxAttempts = 3
/** An attempt that freed less than this share of its aim is not followed by another. */
const worthAnotherRatio = 0.05

/** What this process watches with: the burst as it knows it, beside its note in the journal. */
interface Watch {
  readonly context: KsmContext
  readonly tools: BurstTools | undefined
  readonly signal: AbortSignal
  burst: JournaledBurst
}

/**
 * Returns when the burst in the journal is over: ended here, by `signal`, or by somebody else. Nothing to do where
 * there is none, or another helper watches it. Without `tools` nothing is measured and nothing given back.
 */
export async function watchBurst(
  context: KsmContext,
  signal: AbortSignal,
  tools?: BurstTools,
): Promise<void> {
  const burst = await takeBurst(context)
  if (burst === undefined) return
  const watch: Watch = { context, tools, signal, burst }
  for (let attempt = 1; ; attempt += 1) {
    const followed = await followToEnd(watch)
    if (followed === undefined) return
    const end = followed.end
    if (end === undefined) return stopEarly(watch)
    if (!(await endScanning(watch, describeEnd(end, followed)))) return
    const measured = await measureRest(watch)
    const isAgain = attempt < maxAttempts && isWorthAnother(watch, followed, end, measured)
    if (!isAgain || measured === undefined) return finish(watch, followed, end, measured)
    if (!(await scanAgain(watch, measured))) return
  }
}

async function takeBurst(context: KsmContext): Promise<JournaledBurst | undefined> {
  const journal = await readJournal(context.folders, context.root)
  const burst = journal?.burst
  if (journal === undefined || burst === undefined || burst.ended !== undefined) return undefined
  if ((await readKsmSettings(context.root)).run !== 1) return undefined
  if (burst.watcher.pid === process.pid) return burst
  if (await isWatched(context.root, burst)) return undefined
  context.log('a burst of KSM is running whose helper is gone: watching it to its end')
  return adoptBurst(context, journal, burst)
}

/** undefined: somebody else has ended it. Without an end: `signal` was aborted. */
async function followToEnd(watch: Watch): Promise<FollowedBurst | undefined> {
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
async function readCounters({ context, burst }: Watch, { pass }: BurstProgress): Promise<BurstCounters> {
  const counters = await readScanCounters(context.root)
  if (counters.fullScans <= pass || burst.guestPids.length === 0) return counters
  return { ...counters, guestResidentPages: await countResidentPages(context.root, burst.guestPids) }
}

/** While the anchor has no place, the end of a pass must be seen at once. */
async function waitForLook({ context, tools, signal }: Watch, pass: number): Promise<void> {
  if (tools === undefined || tools.anchor.isPlaced) return sleep(lookMillis, signal)
  await tools.anchor.passEnded(context.root, pass, lookMillis, signal)
}

/** Only where nobody else changes the host now: it saves a pass, and a later one does as well. */
async function placeAnchor(watch: Watch): Promise<void> {
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

async function isUnderWay({ context, burst }: Watch): Promise<boolean> {
  const now = (await readJournal(context.folders, context.root))?.burst
  const { run } = await readKsmSettings(context.root)
  return run === 1 && now?.since === burst.since && now.ended === undefined
}

async function stopEarly(watch: Watch): Promise<void> {
  const { context } = watch
  if (!(await endScanning(watch, 'stopped'))) return
  const counters = await readKsmCounters(context.root)
  const described = describeProgress(context.pageSize, watch.burst, counters)
  await updateBurst(context, watch.burst.since, {
    measuring: false,
    ended: { ...described, state: 'stopped', endedAt: wallClock() },
  })
}

/** Waits for the lock unless aborted, and looks again under it: the burst may be another by then. false: it was. */
async function endScanning(watch: Watch, why: string): Promise<boolean> {
  return whenFree(watch, 'ksm burst end', async (notes) => {
    notes.before = 'run 1'
    notes.after = `run 0, ${why}`
    // Noted first: a status in between must not read as stopped from outside.
    await updateBurst(watch.context, watch.burst.since, { measuring: true })
    await writeKsmSetting(watch.context.root, 'run', '0')
  })
}

async function whenFree(
  watch: Watch,
  action: string,
  work: (notes: ChangeNotes) => Promise<void>,
): Promise<boolean> {
  const { context, signal } = watch
  for (;;) {
    try {
      return await changeHost(context, { action }, async (notes) => {
        if (!(await isUnderWay(watch))) return false
        await work(notes)
        return true
      })
    } catch (error) {
      if (asProblem(error).code !== 'busy' || signal.aborted) throw error
      if (!(await isUnderWay(watch))) return false
      await sleep(busyMillis, signal)
    }
  }
}

/** undefined: nothing can be measured here, or it was cancelled; the counters have the last word then. */
async function measureRest({ context, tools, signal }: Watch): Promise<MeasuredPotential | undefined> {
  try {
    return await tools?.measure(signal)
  } catch (error) {
    const problem = asProblem(error)
    if (problem.code !== 'cancelled')
      context.log(`cannot measure what the burst has left: ${problem.message}`)
    return undefined
  }
}

function isWorthAnother(
  { context, burst }: Watch,
  followed: FollowedBurst,
  end: BurstEnd,
  measured: MeasuredPotential | undefined,
): boolean {
  const { potentialPages } = burst.progress.aim
  if (measured === undefined || potentialPages === undefined) return false
  const isMuch =
    measured.bytes >= Math.max(startThresholdBytes(measured), 0.1 * potentialPages * context.pageSize)
  return (
    isMuch &&
    mayBringMore(end, followed.progress) &&
    followed.freedPages >= worthAnotherRatio * potentialPages
  )
}

/** What is left becomes the aim. false: somebody else has begun something new. */
async function scanAgain(watch: Watch, measured: MeasuredPotential): Promise<boolean> {
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

async function finish(
  watch: Watch,
  followed: FollowedBurst,
  end: BurstEnd,
  measured: MeasuredPotential | undefined,
): Promise<void> {
  const { context, burst } = watch
  const counters = await readKsmCounters(context.root)
  const described = describeProgress(context.pageSize, { ...burst, progress: followed.progress }, counters)
  const { aim } = followed.progress
  const judged =
    measured === undefined ? end : judgeByMeasurement(end, aim, measured.bytes / context.pageSize)
  const reasons =
    judged.outcome === 'realised' ? [] : await explainRest(context.root, context.pageSize, counters)
  const ended: KsmBurst = {
    ...described,
    state: judged.outcome,
    wholePasses: followed.passes,
    cause: judged.cause,
    endedAt: wallClock(),
    ...(measured === undefined ? {} : { leftBytes: Math.round(measured.bytes) }),
    ...(reasons.length === 0 ? {} : { reasons }),
    ...(await giveBack(watch)),
  }
  await updateBurst(context, burst.since, { measuring: false, ended })
}

/** Figures of huge pages, where this kernel has them. */
async function giveBack(watch: Watch): Promise<Pick<KsmBurst, 'hugePages'>> {
  const { context, tools, signal, burst } = watch
  const { anonHugeBytes } = await readMeminfo(context.root)
  if (anonHugeBytes === undefined || burst.hugePagesBeforeBytes === undefined) return {}
  const figures = { beforeBytes: burst.hugePagesBeforeBytes, afterMergingBytes: anonHugeBytes }
  if (tools === undefined || signal.aborted) return { hugePages: figures }
  try {
    const given = await tools.giveBack(signal)
    if (given.why !== undefined) context.log(`huge pages: ${given.why}`)
    const after = await readMeminfo(context.root)
    return {
      hugePages: {
        ...figures,
        afterGivingBackBytes: after.anonHugeBytes ?? anonHugeBytes,
        givenBackBytes: given.bytes,
        givingBackSeconds: given.seconds,
        givingBackCpuSeconds: given.cpuSeconds,
      },
    }
  } catch (error) {
    const problem = asProblem(error)
    if (problem.code === 'internal') throw error
    context.log(`cannot give huge pages back: ${problem.message}`)
    return { hugePages: figures }
  }
}

function describeEnd({ outcome, cause }: BurstEnd, { passes }: FollowedBurst): string {
  return `${outcome}: ${cause} after ${passes} whole passes`
}

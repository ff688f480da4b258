// What happens at the end of a burst: scanning stops, what is left is measured, huge pages are given back, and the
// journal says what became of it.
import type { KsmBurst } from '../../../src/shared/contract/ksm.ts'
import { asProblem } from '../../../src/shared/problem.ts'
import { sleep } from '../../../src/shared/time/waiting.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { type ChangeContext, type ChangeNotes, changeHost } from '../changes/change.ts'
import { readMeminfo } from '../kernel/meminfo.ts'
import { pageSize } from '../kernel/page-size.ts'
import { readKsmCounters, readKsmSettings } from '../kernel/read-ksm.ts'
import { type BurstEnd, type FollowedBurst, judgeByMeasurement } from '../policies/ksm-burst.ts'
import { describeProgress, updateBurst } from './burst.ts'
import type { BurstTools } from './burst-tools.ts'
import { explainRest } from './explain-rest.ts'
import { type JournaledBurst, readJournal } from './journal.ts'
import type { MeasuredPotential } from './potential.ts'
import { writeKsmSetting } from './write-ksm.ts'

/** Another change is under way: it may be an unmerge of minutes. */
const busyMillis = 500

/** What this process watches with: the burst as it knows it, beside its note in the journal. */
export interface BurstWatch {
  readonly context: ChangeContext
  readonly tools: BurstTools | undefined
  readonly signal: AbortSignal
  burst: JournaledBurst
}

/** Whether ksmd still scans for this burst: false once it was ended here, by another helper, or from outside.
 * Needs no privilege. */
export async function isUnderWay({ context, burst }: BurstWatch): Promise<boolean> {
  const now = (await readJournal(context.folders, context.root))?.burst
  const { run } = await readKsmSettings(context.root)
  return run === 1 && now?.since === burst.since && now.ended === undefined
}

/**
 * Ends scanning and notes the burst as stopped. Does nothing where another helper has ended it. Needs root and takes
 * the lock of the host.
 */
export async function stopEarly(watch: BurstWatch): Promise<void> {
  const { context } = watch
  if (!(await endScanning(watch, 'stopped'))) return
  const counters = await readKsmCounters(context.root)
  const described = describeProgress(watch.burst, counters)
  await updateBurst(context, watch.burst.since, {
    measuring: false,
    ended: { ...described, state: 'stopped', endedAt: wallClock() },
  })
}

/**
 * Ends scanning under the lock of the host, for which it waits unless aborted. false: the burst was another one by then,
 * and nothing was changed. Needs root.
 */
export async function endScanning(watch: BurstWatch, why: string): Promise<boolean> {
  return whenFree(watch, 'ksm burst end', async (notes) => {
    notes.before = 'run 1'
    notes.after = `run 0, ${why}`
    // Noted first: a status in between must not read as stopped from outside.
    await updateBurst(watch.context, watch.burst.since, { measuring: true })
    await writeKsmSetting(watch.context.root, 'run', '0')
  })
}

async function whenFree(
  watch: BurstWatch,
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

/**
 * Measures what the burst has left. undefined: nothing can be measured here, or it was cancelled; the counters have the
 * last word then. Needs root.
 */
export async function measureRest({
  context,
  tools,
  signal,
}: BurstWatch): Promise<MeasuredPotential | undefined> {
  try {
    return await tools?.measure(signal)
  } catch (error) {
    const problem = asProblem(error)
    if (problem.code !== 'cancelled')
      context.log(`cannot measure what the burst has left: ${problem.message}`)
    return undefined
  }
}

/**
 * Notes how the burst ended, its figures as of its last pass, and what of the potential `measured` still finds; without
 * `measured` the counters say it. Needs root and takes the lock of the host.
 */
export async function noteBurstEnd(
  watch: BurstWatch,
  followed: FollowedBurst,
  end: BurstEnd,
  measured: MeasuredPotential | undefined,
): Promise<void> {
  const { context, burst } = watch
  const counters = await readKsmCounters(context.root)
  const { progress } = followed
  // A pass that ended since is no part of it.
  const atEnd = { ...counters, fullScans: progress.pass }
  const described = describeProgress({ ...burst, progress }, atEnd)
  const { aim } = progress
  const judged = measured === undefined ? end : judgeByMeasurement(end, aim, measured.bytes / pageSize)
  const reasons = judged.outcome === 'realised' ? [] : await explainRest(context.root, counters)
  const ended: KsmBurst = {
    ...described,
    state: judged.outcome,
    wholePasses: followed.passes,
    cause: judged.cause,
    endedAt: wallClock(),
    ...(measured !== undefined && { leftBytes: Math.round(measured.bytes) }),
    ...(reasons.length > 0 && { reasons }),
    ...(await giveBack(watch)),
  }
  await updateBurst(context, burst.since, { measuring: false, ended })
}

/** Figures of huge pages, where this kernel has them. */
async function giveBack(watch: BurstWatch): Promise<Pick<KsmBurst, 'hugePages'>> {
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

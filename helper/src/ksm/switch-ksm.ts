// Starts and stops KSM.

import type {
  KsmBurst,
  KsmCounters,
  KsmSettings,
  KsmStart,
  KsmStatus,
} from '../../../src/shared/contract/ksm.ts'
import type { Progress } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { checkAuditWritable } from '../changes/audit.ts'
import { type ChangeContext, changeHost } from '../changes/change.ts'
import { checkUnheld } from '../changes/lock.ts'
import { describeSettings } from '../kernel/knobs.ts'
import { readMeminfo } from '../kernel/meminfo.ts'
import { readKsmCounters, readKsmSettings } from '../kernel/read-ksm.ts'
import { beginBurst, savedPages } from '../policies/ksm-burst.ts'
import { type BurstBeginning, noteBurst, noteBurstStopped } from './burst.ts'
import { burstRate, burstSettings } from './burst-settings.ts'
import type { BurstTools } from './burst-tools.ts'
import {
  describeGovernors,
  findGovernors,
  type Governor,
  identifyPausable,
  pauseGovernor,
} from './governors.ts'
import { readJournal } from './journal.ts'
import { aimOf, countGuestPages, type MeasuredPotential, startThresholdBytes } from './potential.ts'
import { journaled, journalPause } from './restore-ksm.ts'
import { startKsmd } from './start-ksmd.ts'
import { readKsmStatus } from './status.ts'
import { writeKsmSetting } from './write-ksm.ts'

export interface StartOptions {
  /** Absent: nothing is measured, so a burst begins without an aim. */
  readonly tools?: BurstTools
  readonly signal?: AbortSignal
  readonly reportProgress?: (progress: Progress) => void
}

/**
 * Lets ksmd scan at the given rate; without a rate in a burst, which the process that started it watches to its end. Before a
 * burst the potential is measured: below the threshold none begins, nothing is changed, and the status says so.
 * Throws `busy` while another program governs KSM, unless it is to be taken over: then the kernel's advisor is
 * switched off and ksmtuned is paused, until `restore`. Needs root and takes the lock of the host.
 */
export async function startKsm(
  context: ChangeContext,
  params: KsmStart,
  options: StartOptions = {},
): Promise<KsmStatus> {
  const { tools } = options
  if (!isBurst(params) || tools === undefined) return startScanning(context, params, undefined, undefined)
  await refuseGoverned(context, params)
  // Refused before the measurement, which takes a while and may end with nothing to change.
  checkAuditWritable(context.folders)
  await checkUnheld(context.folders, context.root)
  const signal = options.signal ?? new AbortController().signal
  const measured = await tools.measure(signal, options.reportProgress)
  if (measured.bytes < startThresholdBytes(measured))
    return { ...(await readKsmStatus(context)), burst: describeNoBurst(measured) }
  return startScanning(context, params, measured, tools)
}

/** Not journaled: nothing was changed. */
function describeNoBurst(measured: MeasuredPotential): KsmBurst {
  return {
    since: wallClock(),
    state: 'not-worth-it',
    wholePasses: 0,
    potentialBytes: Math.round(measured.bytes),
    thresholdBytes: startThresholdBytes(measured),
  }
}

function startScanning(
  context: ChangeContext,
  params: KsmStart,
  measured: MeasuredPotential | undefined,
  tools: BurstTools | undefined,
): Promise<KsmStatus> {
  return changeHost(context, { action: 'ksm start' }, async (notes) => {
    const governors = await refuseGoverned(context, params)
    const found = await readKsmSettings(context.root)
    const counters = await readKsmCounters(context.root)
    const wanted = plannedSettings(found, counters, params)
    notes.before = describeSettings(found, wanted)
    notes.after = describeSettings(wanted, found)
    await journaled(context, found, async () => {
      await pauseGovernors(context, governors)
      await noteBurst(
        context,
        isBurst(params) ? await describeBeginning(context, counters, measured) : undefined,
      )
      await startKsmd(context.root, found, wanted, counters, tools?.anchor)
    })
    return readKsmStatus(context)
  })
}

/** What the journal needs to know of a burst that is about to begin. Without `measured` its aim is unknown. Needs no privilege. */
export async function describeBeginning(
  context: ChangeContext,
  counters: KsmCounters,
  measured: MeasuredPotential | undefined,
): Promise<BurstBeginning> {
  const { root } = context
  const { anonHugeBytes } = await readMeminfo(root)
  const huge = withValue({ hugePagesBeforeBytes: anonHugeBytes })
  if (measured === undefined) {
    return { progress: beginBurst(counters, { savedPages: savedPages(counters) }), guestPids: [], ...huge }
  }
  const aim = await aimOf(root, measured, counters)
  const guestPids = [...measured.guests.keys()]
  const guestPages = await countGuestPages(root, guestPids)
  return {
    progress: beginBurst({ ...counters, guestPages }, aim),
    guestPids,
    thresholdBytes: startThresholdBytes(measured),
    ...huge,
  }
}

function isBurst({ pagesToScan, sleepMillisecs }: KsmStart): boolean {
  return pagesToScan === undefined && sleepMillisecs === undefined
}

function plannedSettings(found: KsmSettings, counters: KsmCounters, params: KsmStart): KsmSettings {
  return {
    ...found,
    run: 1,
    pagesToScan: params.pagesToScan ?? burstRate.pagesToScan,
    sleepMillisecs: params.sleepMillisecs ?? burstRate.sleepMillisecs,
    ...(found.advisorMode !== undefined && { advisorMode: 'none' }),
    ...(isBurst(params) && burstSettings(found, counters)),
  }
}

/**
 * Ends scanning (run=0); what is merged stays merged. Needs root and the lock of the host. Throws `busy` where
 * another helper has it, `not-supported` without KSM.
 */
export function stopKsm(context: ChangeContext): Promise<KsmStatus> {
  return changeHost(context, { action: 'ksm stop' }, async (notes) => {
    const found = await readKsmSettings(context.root)
    const wanted = { ...found, run: 0 }
    notes.before = describeSettings(found, wanted)
    notes.after = describeSettings(wanted, found)
    if (found.run !== 0) {
      await journaled(context, found, () => writeRun(context, 0))
      const journal = await readJournal(context.folders, context.root)
      noteBurstStopped(context, journal, await readKsmCounters(context.root))
    }
    return readKsmStatus(context)
  })
}

/** Writes `run` alone; an advisor at work stays at work. */
function writeRun(context: ChangeContext, run: number): Promise<void> {
  return writeKsmSetting(context.root, 'run', String(run))
}

/** Journals each that can be paused, then pauses it; others are left alone. Needs root and the lock of the host. */
export async function pauseGovernors(context: ChangeContext, governors: readonly Governor[]): Promise<void> {
  for (const governor of governors) {
    const pausable = await identifyPausable(context.root, governor)
    if (pausable === undefined) continue
    await journalPause(context, pausable)
    await pauseGovernor(context.root, pausable)
  }
}

/** Those that are to be taken over. Throws `busy` where there are some and they are not. */
async function refuseGoverned(context: ChangeContext, { takeOver }: KsmStart): Promise<Governor[]> {
  const governors = await findGovernors(context.root, await readKsmSettings(context.root))
  if (governors.length > 0 && !takeOver) throw governed(governors)
  return governors
}

function governed(governors: readonly Governor[]): Problem {
  const names = describeGovernors(governors).join(', ')
  return new Problem('busy', `cannot start KSM: ${names} governs it`, {
    remedy: 'Take over (ksm start --take-over): it is paused or switched off until ksm restore.',
  })
}

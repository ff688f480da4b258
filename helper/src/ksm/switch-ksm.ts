// Starts and stops KSM.
import type { KsmCounters, KsmSettings, KsmStart, KsmStatus } from '../../../src/shared/contract/ksm.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { changeHost } from '../changes/change.ts'
import { readKsmCounters, readKsmSettings } from '../kernel/read-ksm.ts'
import { noteBurst, noteBurstEnd } from './burst.ts'
import {
  describeGovernors,
  findGovernors,
  type Governor,
  identifyPausable,
  pauseGovernor,
} from './governors.ts'
import { readJournal } from './journal.ts'
import { describeSettings } from './knobs.ts'
import { journaled, journalPause, type KsmContext } from './restore-ksm.ts'
import { readKsmStatus } from './status.ts'
import { thoroughSettings } from './thorough-settings.ts'
import { writeKsmSetting, writeKsmSettings } from './write-ksm.ts'

/** Reasons and measurements: docs/ksm.md. */
export const burstDefaults = { pagesToScan: 5_000, sleepMillisecs: 10 } as const

/**
 * Lets ksmd scan at the given rate; without a rate in a burst, which whoever started it watches to its end. Throws `busy` while another program governs KSM, unless it is to be taken over:
 * then the kernel's advisor is switched off and ksmtuned is paused, until `restore`.
 */
export function startKsm(context: KsmContext, params: KsmStart): Promise<KsmStatus> {
  return changeHost(context, { action: 'ksm start' }, async (notes) => {
    const found = await readKsmSettings(context.root)
    const governors = await findGovernors(context.root, found)
    if (governors.length > 0 && !params.takeOver) throw governed(governors)
    const counters = await readKsmCounters(context.root)
    const wanted = plannedSettings(found, counters, params)
    notes.before = describeSettings(found, wanted)
    notes.after = describeSettings(wanted, found)
    await journaled(context, found, async () => {
      await pauseGovernors(context, governors)
      await noteBurst(context, isBurst(params) ? counters : undefined)
      await writeKsmSettings(context.root, found, wanted)
    })
    return readKsmStatus(context)
  })
}

function isBurst({ pagesToScan, sleepMillisecs }: KsmStart): boolean {
  return pagesToScan === undefined && sleepMillisecs === undefined
}

function plannedSettings(found: KsmSettings, counters: KsmCounters, params: KsmStart): KsmSettings {
  return {
    ...found,
    run: 1,
    pagesToScan: params.pagesToScan ?? burstDefaults.pagesToScan,
    sleepMillisecs: params.sleepMillisecs ?? burstDefaults.sleepMillisecs,
    ...(found.advisorMode === undefined ? {} : { advisorMode: 'none' }),
    ...(isBurst(params) ? thoroughSettings(found, counters) : {}),
  }
}

/** Ends scanning; what is merged stays merged. */
export function stopKsm(context: KsmContext): Promise<KsmStatus> {
  return changeHost(context, { action: 'ksm stop' }, async (notes) => {
    const found = await readKsmSettings(context.root)
    const wanted = { ...found, run: 0 }
    notes.before = describeSettings(found, wanted)
    notes.after = describeSettings(wanted, found)
    if (found.run !== 0) {
      await journaled(context, found, () => writeRun(context, 0))
      const journal = await readJournal(context.folders, context.root)
      noteBurstEnd(context, journal, await readKsmCounters(context.root), false)
    }
    return readKsmStatus(context)
  })
}

/** Writes `run` alone; an advisor at work stays at work. */
function writeRun(context: KsmContext, run: number): Promise<void> {
  return writeKsmSetting(context.root, 'run', String(run))
}

/** Journals each that can be paused, then pauses it. */
export async function pauseGovernors(context: KsmContext, governors: readonly Governor[]): Promise<void> {
  for (const governor of governors) {
    const pausable = await identifyPausable(context.root, governor)
    if (pausable === undefined) continue
    await journalPause(context, pausable)
    await pauseGovernor(context.root, pausable)
  }
}

function governed(governors: readonly Governor[]): Problem {
  const names = describeGovernors(governors).join(', ')
  return new Problem('busy', `cannot start KSM: ${names} governs it`, {
    remedy: 'Take over (ksm start --take-over): it is paused or switched off until ksm restore.',
  })
}

// Changes KSM so that it can be undone: the settings found go to the journal first, and come back from there.
import type { KsmSettings, KsmStatus } from '../../../src/shared/contract/ksm.ts'
import { type ChangeContext, type ChangeNotes, changeHost } from '../changes/change.ts'
import { checkUnmergeMemory, writeUnmerge } from '../changes/unmerge-pages.ts'
import { describeSettings } from '../kernel/knobs.ts'
import { readKsmSettings } from '../kernel/read-ksm.ts'
import { restoreMerging } from '../monitors/merge-guest.ts'
import { continueGovernor } from './governors.ts'
import {
  type Journal,
  openJournal,
  type PausedProcess,
  readJournal,
  removeJournal,
  writeJournal,
} from './journal.ts'
import { readKsmStatus } from './status.ts'
import { writeKsmSettings } from './write-ksm.ts'

/**
 * Puts the journaled settings and guests' merging back and removes the journal. Needs root and the lock of the host.
 * What the kernel refuses (EBUSY: pages are shared) is logged and left. Without a journal there is nothing to do.
 * Throws `busy`.
 */
export function restoreKsm(context: ChangeContext): Promise<KsmStatus> {
  return changeHost(context, { action: 'ksm restore', undoes: true }, async (notes) => {
    await restoreJournaled(context, notes)
    return readKsmStatus(context)
  })
}

/** Like `restoreKsm`, for callers that already hold the lock. Needs root. Without a journal there is nothing to do. */
export async function restoreJournaled(context: ChangeContext, notes: ChangeNotes): Promise<void> {
  const journal = await readJournal(context.folders, context.root)
  if (journal !== undefined) {
    const found = await readKsmSettings(context.root)
    notes.before = describeSettings(found, journal.settings)
    notes.after = describeSettings(journal.settings, found)
    await putBack(context, found, journal.settings)
    await continueGovernors(context, journal)
  }
  // Also one of an earlier boot, whose settings are gone.
  removeJournal(context.folders)
  await restoreMerging(context)
}

/** Runs `change` with the settings found on disk. Where it fails, they are put back. Needs root and the lock of the host. */
export async function journaled(
  context: ChangeContext,
  found: KsmSettings,
  change: () => Promise<void>,
): Promise<void> {
  const { isNew } = await openJournal(context.folders, context.root, found)
  try {
    await change()
  } catch (error) {
    await rollBack(context, found, isNew)
    throw error
  }
}

/**
 * Notes that a governor is about to be paused, so that `restore` lets it continue. Does nothing where there is no journal.
 * Needs root and the lock of the host.
 */
export async function journalPause(context: ChangeContext, paused: PausedProcess): Promise<void> {
  const journal = await readJournal(context.folders, context.root)
  if (journal !== undefined)
    writeJournal(context.folders, { ...journal, paused: [...journal.paused, paused] })
}

async function rollBack(context: ChangeContext, found: KsmSettings, isNew: boolean): Promise<void> {
  try {
    await putBack(context, await readKsmSettings(context.root), found)
    if (!isNew) return
    const journal = await readJournal(context.folders, context.root)
    if (journal !== undefined) await continueGovernors(context, journal)
    removeJournal(context.folders)
  } catch (error) {
    // The journal stays, so `restore` can try again; the caller throws the first failure.
    context.log(`cannot undo the KSM change: ${error instanceof Error ? error.message : error}`)
  }
}

async function putBack(context: ChangeContext, found: KsmSettings, wanted: KsmSettings): Promise<void> {
  const refused = await writeKsmSettings(context.root, found, {
    ...wanted,
    run: wanted.run === 2 ? 0 : wanted.run,
  })
  if (wanted.run === 2) {
    // Found unmerged: writing 2 again unmerges what was merged since, and needs the memory for it.
    await checkUnmergeMemory(context.root)
    await writeUnmerge(context.root, {})
  }
  for (const problem of refused) context.log(problem.message)
}

async function continueGovernors(context: ChangeContext, journal: Journal): Promise<void> {
  for (const paused of journal.paused) await continueGovernor(context.root, paused)
}

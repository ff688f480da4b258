// Carries out what the KSM policy asks for, under the lock that the loop holds: journaled, audited, undone at the end.
import type { KsmCounters, KsmSettings } from '../../../src/shared/contract/ksm.ts'
import { auditChange, type ChangeContext } from '../changes/change.ts'
import { describeSettings, planWrites } from '../kernel/knobs.ts'
import { readKsmCounters, readKsmSettings } from '../kernel/read-ksm.ts'
import { burstSettings } from '../ksm/burst-settings.ts'
import { findGovernors } from '../ksm/governors.ts'
import { readJournal } from '../ksm/journal.ts'
import { journaled, restoreJournaled } from '../ksm/restore-ksm.ts'
import { startKsmd } from '../ksm/start-ksmd.ts'
import { pauseGovernors } from '../ksm/switch-ksm.ts'
import type { TreeAnchor } from '../ksm/tree-anchor.ts'
import { readMergeJournal } from '../monitors/merge-journal.ts'
import { isSamePace } from '../policies/ksm-budget.ts'
import type { KsmAction } from '../policies/ksm-observation.ts'

/** `anchor`: placed where scanning begins at the start of a pass. Needs the lock of the host. */
export async function applyKsmActions(
  context: ChangeContext,
  actions: readonly KsmAction[],
  anchor?: TreeAnchor,
): Promise<void> {
  const found = await readKsmSettings(context.root)
  const counters = await readKsmCounters(context.root)
  const wanted = plannedSettings(found, counters, actions)
  const takesOver = actions.some(({ kind }) => kind === 'take-over')
  if (!takesOver && planWrites(found, wanted).length === 0) return
  // Putting ksmd to rest is done even where no room is left to record it.
  const undoes = actions.every(({ kind }) => kind === 'stop')
  await auditChange(context, { action: 'govern ksm', undoes }, async (notes) => {
    notes.before = describeSettings(found, wanted)
    notes.after = describeSettings(wanted, found)
    await journaled(context, found, async () => {
      if (takesOver) await pauseGovernors(context, await findGovernors(context.root, found))
      for (const refused of await startKsmd(context.root, found, wanted, counters, anchor))
        context.log(refused.message)
    })
  })
}

function plannedSettings(
  found: KsmSettings,
  counters: Pick<KsmCounters, 'ksmZeroPages'>,
  actions: readonly KsmAction[],
): KsmSettings {
  let wanted = found
  for (const action of actions) {
    if (action.kind === 'stop') wanted = { ...wanted, run: 0 }
    if (action.kind === 'take-over') wanted = withoutAdvisor(wanted)
    if (action.kind !== 'scan') continue
    const keepsRate = found.run === 1 && isSamePace(action, found)
    wanted = {
      ...withoutAdvisor(wanted),
      run: 1,
      pagesToScan: keepsRate ? found.pagesToScan : action.pagesToScan,
      sleepMillisecs: action.sleepMillisecs,
      ...burstSettings(found, counters),
    }
  }
  return wanted
}

function withoutAdvisor(settings: KsmSettings): KsmSettings {
  return settings.advisorMode === undefined ? settings : { ...settings, advisorMode: 'none' }
}

/** Puts back what was found before the first change; nothing to do where nothing was changed. Returns whether it did. */
export async function restoreFoundKsm(context: ChangeContext): Promise<boolean> {
  const journal = await readJournal(context.folders, context.root)
  const switched = await readMergeJournal(context.folders, context.root)
  if (journal === undefined && switched.length === 0) return false
  await auditChange(context, { action: 'govern restore', undoes: true }, (notes) =>
    restoreJournaled(context, notes),
  )
  return true
}

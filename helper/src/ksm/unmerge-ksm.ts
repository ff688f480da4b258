// Unmerges all pages: refused without the memory for it, reported while it runs, and cancellable.
import type { KsmStatus } from '../../../src/shared/contract/ksm.ts'
import type { Progress } from '../../../src/shared/contract/quantity.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import { type ChangeContext, changeHost } from '../changes/change.ts'
import { checkUnmergeMemory, writeUnmerge } from '../changes/unmerge-pages.ts'
import { pageSize } from '../kernel/page-size.ts'
import { mergedPages, readKsmCounters, readKsmSettings } from '../kernel/read-ksm.ts'
import { noteBurst } from './burst.ts'
import { openJournal, removeJournal } from './journal.ts'
import { readKsmStatus } from './status.ts'
import { writeKsmSetting } from './write-ksm.ts'

const progressIntervalMs = 200

export interface UnmergeOptions {
  readonly signal?: AbortSignal
  readonly reportProgress?: (progress: Progress) => void
}

/**
 * Ends scanning (run=0 afterwards, also when cancelled half way) and gives each guest its own pages again. Needs root
 * and the lock of the host. Throws `out-of-memory` before anything is changed, `busy`, `cancelled`.
 */
export function unmergeKsm(context: ChangeContext, options: UnmergeOptions = {}): Promise<KsmStatus> {
  return changeHost(context, { action: 'ksm unmerge' }, async (notes) => {
    await checkUnmergeMemory(context.root)
    const found = await readKsmSettings(context.root)
    const before = mergedPages(await readKsmCounters(context.root))
    notes.before = `run ${found.run}, ${before} pages merged`
    const { isNew } = await openJournal(context.folders, context.root, found)
    const watch = watchProgress(context, before, options)
    try {
      await noteBurst(context, undefined)
      await writeUnmerge(context.root, options)
    } finally {
      watch.stop()
      await writeKsmSetting(context.root, 'run', '0')
      const left = mergedPages(await readKsmCounters(context.root))
      notes.after = `run 0, ${left} pages merged`
    }
    // Nothing is left to put back where scanning was off before.
    if (isNew && found.run === 0) removeJournal(context.folders)
    return readKsmStatus(context)
  })
}

function watchProgress(context: ChangeContext, before: number, options: UnmergeOptions) {
  const report = async () => {
    const left = mergedPages(await readKsmCounters(context.root))
    const fraction = before === 0 ? 1 : Math.min(1, Math.max(0, 1 - left / before))
    const detail = `${formatBytes(left * pageSize)} still merged`
    options.reportProgress?.({ step: 'unmerging', fraction, detail })
  }
  const timer = setInterval(() => {
    report().catch((error) => context.log(`cannot follow the unmerging: ${error}`))
  }, progressIntervalMs)
  return { stop: () => clearInterval(timer) }
}

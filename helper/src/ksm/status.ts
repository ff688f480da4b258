// What KSM is set to, what it saves now, and who else governs it.
import type { KsmStatus } from '../../../src/shared/contract/ksm.ts'
import type { StateFolders } from '../changes/state-folders.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { pageSize } from '../kernel/page-size.ts'
import { mergedPages, readKsmCounters, readKsmSettings } from '../kernel/read-ksm.ts'
import { readMergeJournal } from '../monitors/merge-journal.ts'
import { describeBurst } from './burst.ts'
import { describeGovernors, findGovernors } from './governors.ts'
import { readJournal } from './journal.ts'

export interface KsmStatusOptions {
  readonly root: KernelRoot
  readonly folders: StateFolders
  /** Names of the governors where they are known already; looking through all processes takes a while. */
  readonly governors?: readonly string[]
}

/**
 * Needs no privilege to read, but finds only governors that are visible. Throws `not-supported` without KSM, and on a
 * journal that does not parse.
 */
export async function readKsmStatus(options: KsmStatusOptions): Promise<KsmStatus> {
  const { root, folders } = options
  const settings = await readKsmSettings(root)
  const counters = await readKsmCounters(root)
  const governors = options.governors ?? describeGovernors(await findGovernors(root, settings))
  const journal = await readJournal(folders, root)
  const switched = await readMergeJournal(folders, root)
  const since = [...(journal ? [journal.since] : []), ...switched.map((guest) => guest.since)]
  return {
    settings,
    counters,
    mergedBytes: mergedPages(counters) * pageSize,
    governors: [...governors],
    ...(journal?.burst === undefined
      ? {}
      : { burst: await describeBurst(root, journal.burst, { run: settings.run, counters }) }),
    ...(since.length > 0 && { journaledSince: Math.min(...since) }),
  }
}

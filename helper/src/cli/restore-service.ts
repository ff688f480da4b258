// `service restore`: what the unit runs once its process has ended.
import { asProblem } from '../../../src/shared/problem.ts'
import type { ChangeContext } from '../changes/change.ts'
import { stateFolders } from '../changes/state-folders.ts'
import { liveKernel } from '../kernel/kernel-root.ts'
import { pageSize } from '../kernel/page-size.ts'
import { requirePrivilege } from '../probe/privilege.ts'
import { journalLines } from '../service/journal-lines.ts'
import { restoreLeftBehind } from '../service/left-behind.ts'
import { servicePlaces } from '../service/places.ts'
import type { CommandIo } from './command-io.ts'

/** Returns the exit code: 1 where what is left could not be put back, and the journal says why. */
export async function restoreService(io: CommandIo): Promise<number> {
  requirePrivilege('put back what the service left')
  const { env } = process
  const journal = journalLines((text) => io.err(text), env)
  const places = servicePlaces(stateFolders(env), env)
  const context: ChangeContext = {
    root: liveKernel,
    folders: places.folders,
    pageSize,
    actor: { who: 'singleton-helper.service', from: 'local' },
    log: (line) => journal.warning(line),
  }
  try {
    const line = await restoreLeftBehind(context, places)
    if (line !== undefined) journal.warning(line)
    return 0
  } catch (error) {
    journal.error(asProblem(error).message)
    return 1
  }
}

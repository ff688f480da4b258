// `service restore`: what the unit runs once its process has ended.
import { asProblem } from '../../../src/shared/problem.ts'
import { requirePrivilege } from '../probe/privilege.ts'
import { restoreLeftBehind } from '../service/left-behind.ts'
import { serviceContext } from '../service/service-context.ts'
import type { CommandIo } from './command-io.ts'

/** Returns the exit code: 1 where what is left could not be put back, and the journal says why. */
export async function restoreService(io: CommandIo): Promise<number> {
  requirePrivilege('put back what the service left')
  const { context, journal, places } = serviceContext((text) => io.err(text), process.env)
  try {
    const line = await restoreLeftBehind(context, places)
    if (line !== undefined) journal.warning(line)
    return 0
  } catch (error) {
    journal.error(asProblem(error).message)
    return 1
  }
}

// What a service left that has ended without its own end: put back by the unit itself, whether or not it is started again.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ChangeContext } from '../changes/change.ts'
import { readHolder, readLeftHolder, withLock } from '../changes/lock.ts'
import { restoreFoundKsm } from '../govern/ksm-actions.ts'
import { serviceUnit } from '../govern/policy-engine.ts'
import type { ServicePlaces } from './places.ts'

/**
 * For the unit, once its process has ended. A service that ended by itself has put everything back and let go of the lock,
 * so that its lock says that it did not; a journal without that is of somebody else, who wants KSM as it is. Returns a
 * line that says what was done; undefined: there was nothing to do. Needs root. Throws `busy` while another helper changes
 * this host.
 */
export async function restoreLeftBehind(
  context: ChangeContext,
  { handOver }: Pick<ServicePlaces, 'handOver'>,
): Promise<string | undefined> {
  const { folders, root, actor } = context
  const left = await readLeftHolder(folders, root)
  if (left === undefined || !left.action.startsWith(serviceUnit)) return undefined
  // A mark alone may be of an installer that was killed: nobody would go on with what is changed then.
  const installing = await readHolder({ ...folders, run: join(folders.run, 'installing') }, root)
  if (existsSync(handOver) && installing !== undefined)
    return `leaves what it changed to ${installing.action}, which goes on with it`
  const purpose = { who: actor.who, action: 'service restore', undoes: true }
  const isDone = await withLock(folders, root, purpose, () => restoreFoundKsm(context))
  return isDone ? 'the service was ended from outside; what it changed is put back' : undefined
}

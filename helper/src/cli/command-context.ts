// What the commands change a host with.
import { findActor } from '../changes/audit.ts'
import type { ChangeContext } from '../changes/change.ts'
import { stateFolders } from '../changes/state-folders.ts'
import { liveKernel } from '../kernel/kernel-root.ts'

/** This host, as whoever called the command changes it. Needs no privilege. */
export async function commandContext(log: (line: string) => void): Promise<ChangeContext> {
  const { env } = process
  const actor = await findActor(liveKernel, env)
  return { root: liveKernel, folders: stateFolders(env), actor, log }
}

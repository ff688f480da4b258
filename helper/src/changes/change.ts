// Every change of the host goes through here: under the lock, and with a line in the audit.

import { asProblem } from '../../../src/shared/problem.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { type Actor, appendAudit, checkAuditWritable } from './audit.ts'
import { withLock } from './lock.ts'
import type { StateFolders } from './state-folders.ts'

export interface ChangeContext {
  readonly root: KernelRoot
  readonly folders: StateFolders
  readonly actor: Actor
  /** For people: what went wrong beside the result. Goes to stderr. */
  readonly log: (line: string) => void
}

/** What a change found and left, noted by the change itself for the audit. */
export interface ChangeNotes {
  before?: string
  after?: string
}

export interface Change {
  readonly action: string
  readonly target?: string
  /** Puts back or stops what was changed before: done even where no room is left to record it. */
  readonly undoes?: boolean
}

/** Runs `work` under the lock and appends what came of it to the audit, also when it failed. */
export function changeHost<T>(
  context: ChangeContext,
  change: Change,
  work: (notes: ChangeNotes) => Promise<T>,
): Promise<T> {
  const { action, undoes = false } = change
  const purpose = { who: context.actor.who, action, undoes }
  return withLock(context.folders, context.root, purpose, () => auditChange(context, change, work))
}

/** Like `changeHost`, for callers that already hold the lock. */
export async function auditChange<T>(
  context: ChangeContext,
  change: Change,
  work: (notes: ChangeNotes) => Promise<T>,
): Promise<T> {
  const { undoes = false, ...named } = change
  if (!undoes) checkAuditWritable(context.folders)
  const notes: ChangeNotes = {}
  const record = (outcome: string) => {
    const entry = { at: wallClock(), ...context.actor, ...named, ...notes, outcome }
    try {
      appendAudit(context.folders, entry)
    } catch (error) {
      // The change is made: it must not look as if it had failed.
      context.log(`${asProblem(error).message}; not recorded: ${JSON.stringify(entry)}`)
    }
  }
  try {
    const result = await work(notes)
    record('done')
    return result
  } catch (error) {
    const problem = asProblem(error)
    record(`${problem.code}: ${problem.message}`)
    throw error
  }
}

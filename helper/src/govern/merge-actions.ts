// Switches guests' merging as the KSM policy asks, under the lock that the loop holds: journaled, audited, undone at the end.
import { asProblem } from '../../../src/shared/problem.ts'
import { auditChange, type ChangeContext } from '../changes/change.ts'
import type { Guest } from '../guests/guests.ts'
import { switchJournaled } from '../monitors/merge-guest.ts'
import type { KsmAction } from '../policies/ksm-observation.ts'

export interface SwitchOutcome {
  readonly pid: number
  /** undefined: it failed, which is logged and audited. */
  readonly mergeable: boolean | undefined
}

/** A guest that cannot be switched keeps none of the others from it. */
export async function applyMergeActions(
  context: ChangeContext,
  guests: readonly Guest[],
  actions: readonly KsmAction[],
): Promise<SwitchOutcome[]> {
  const outcomes: SwitchOutcome[] = []
  for (const action of actions) {
    if (action.kind !== 'merge-on' && action.kind !== 'merge-off') continue
    const guest = guests.find(({ pid }) => pid === action.pid)
    if (guest === undefined) continue
    outcomes.push(await applyOne(context, guest, action.kind === 'merge-on'))
  }
  return outcomes
}

async function applyOne(context: ChangeContext, guest: Guest, merge: boolean): Promise<SwitchOutcome> {
  const { pid, name } = guest
  const change = { action: `govern merge ${merge ? 'on' : 'off'}`, target: `${name} (${pid})` }
  try {
    await auditChange(context, change, (notes) => switchJournaled(context, guest, merge, notes))
    return { pid, mergeable: merge }
  } catch (error) {
    const problem = asProblem(error)
    if (problem.code === 'internal') throw error
    if (problem.code !== 'gone') context.log(problem.message)
    return { pid, mergeable: undefined }
  }
}

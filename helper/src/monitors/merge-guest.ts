// Switches the merging of guests so that it can be undone: how it was found goes to the journal first.

import type { GuestSwitch } from '../../../src/shared/contract/guests.ts'
import type { KsmMerge } from '../../../src/shared/contract/ksm.ts'
import { asProblem, Problem } from '../../../src/shared/problem.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { type ChangeContext, type ChangeNotes, changeHost } from '../changes/change.ts'
import { type Guest, listGuests } from '../guests/guests.ts'
import { readStartTime } from '../kernel/process-stat.ts'
import { readMergeJournal, type SwitchedGuest, writeMergeJournal } from './merge-journal.ts'
import { readMergeState } from './merge-state.ts'
import { type MergeSwitch, switchMerging } from './switch-merging.ts'

/** Under the lock, with a line in the audit. Throws `not-found`, and `bad-input` for a name of several guests. */
export async function mergeGuest(context: ChangeContext, params: KsmMerge): Promise<GuestSwitch> {
  const guest = findGuest(await listGuests(context.root), params.guest)
  const change = {
    action: `ksm merge ${params.merge ? 'on' : 'off'}`,
    target: `${guest.name} (${guest.pid})`,
  }
  return changeHost(context, change, async (notes) => {
    const { before, after, via } = await switchJournaled(context, guest, params.merge, notes)
    return { pid: guest.pid, name: guest.name, before, after, via }
  })
}

function findGuest(guests: readonly Guest[], wanted: KsmMerge['guest']): Guest {
  const [guest, ...others] = guests.filter(({ pid, name }) => pid === wanted || name === wanted)
  if (guest === undefined) {
    const named = typeof wanted === 'number' ? `process ${wanted}` : `the name ${wanted}`
    throw new Problem('not-found', `cannot find a guest with ${named}: none runs here`)
  }
  if (others.length === 0) return guest
  const pids = [guest, ...others].map(({ pid }) => pid).join(', ')
  throw new Problem(
    'bad-input',
    `cannot tell which guest ${wanted} is meant: processes ${pids} have this name`,
    {
      remedy: 'Name the guest by its process.',
    },
  )
}

/** Like `mergeGuest`, for callers that hold the lock and write the audit. */
export async function switchJournaled(
  context: ChangeContext,
  guest: Guest,
  merge: boolean,
  notes: ChangeNotes = {},
): Promise<MergeSwitch> {
  const { root, folders } = context
  const startTime = await readStartTime(root, guest.pid)
  if (startTime === undefined)
    throw new Problem('gone', `cannot switch the merging of guest ${guest.name}: it has ended`)
  const journaled = await readMergeJournal(folders, root)
  const others = journaled.filter(({ pid }) => pid !== guest.pid)
  const known = journaled.find(({ pid }) => pid === guest.pid)
  const found = known?.found ?? (await readMergeState(root, guest.pid))
  notes.before = `merging ${found}`
  const entry = { pid: guest.pid, startTime, name: guest.name, found, since: known?.since ?? wallClock() }
  writeMergeJournal(folders, [...others, entry])
  try {
    const switched = await switchMerging(context.root, guest, merge)
    notes.before = `merging ${switched.before}`
    notes.after = `merging ${switched.after}, through ${switched.via}`
    if (switched.after === found) writeMergeJournal(folders, others)
    return switched
  } catch (error) {
    await forgetUnchanged(context, entry, others)
    throw error
  }
}

/** A failed switch has mostly changed nothing; where that is not certain, the journal keeps the guest. */
async function forgetUnchanged(
  { root, folders, log }: ChangeContext,
  entry: SwitchedGuest,
  others: readonly SwitchedGuest[],
): Promise<void> {
  try {
    if ((await readMergeState(root, entry.pid)) === entry.found) writeMergeJournal(folders, others)
  } catch (error) {
    log(`cannot tell whether the merging of guest ${entry.name} was switched: ${asProblem(error).message}`)
  }
}

/** Puts back what is journaled, guest by guest; what fails is logged and stays in the journal. */
export async function restoreMerging(context: ChangeContext): Promise<void> {
  const journaled = await readMergeJournal(context.folders, context.root)
  const guests = journaled.length === 0 ? [] : await listGuests(context.root)
  const left: SwitchedGuest[] = []
  for (const entry of journaled) {
    const guest = guests.find(({ pid }) => pid === entry.pid)
    if (guest !== undefined && !(await putBack(context, guest, entry))) left.push(entry)
  }
  writeMergeJournal(context.folders, left)
}

async function putBack(
  context: ChangeContext,
  guest: Guest,
  { found, name }: SwitchedGuest,
): Promise<boolean> {
  try {
    // A guest found partly mergeable had RAM added while it ran: it is offered as a whole again.
    await switchMerging(context.root, guest, found !== 'off')
    return true
  } catch (error) {
    const problem = asProblem(error)
    if (problem.code === 'gone') return true
    context.log(`cannot put back the merging of guest ${name}: ${problem.message}`)
    return false
  }
}

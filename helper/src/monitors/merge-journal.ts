// The journal of guests whose merging was switched: how it was found, until it is put back.
import { join } from 'node:path'
import { z } from 'zod'
import { guestMerging } from '../../../src/shared/contract/guests.ts'
import { objectOf } from '../../../src/shared/contract/object-of.ts'
import { instant, name, pid } from '../../../src/shared/contract/quantity.ts'
import { parseJson } from '../../../src/shared/parsing/parse-json.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { readState, removeDurably, type StateFolders, writeDurably } from '../changes/state-folders.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readStartTime } from '../kernel/process-stat.ts'

const switchedGuest = objectOf(() => ({
  pid,
  /** A pid alone may by now be another guest, or one of another boot. */
  startTime: z.string().regex(/^\d+$/),
  name,
  found: guestMerging,
  since: instant,
}))
export type SwitchedGuest = z.infer<typeof switchedGuest>

const journal = objectOf(() => ({ version: z.literal(1), guests: z.array(switchedGuest).max(100_000) }))

function journalPath(folders: StateFolders): string {
  return join(folders.state, 'merge-journal.json')
}

/** Those of the guests that still run; nothing can be put back in others. Throws on a journal that does not parse. */
export async function readMergeJournal(folders: StateFolders, root: KernelRoot): Promise<SwitchedGuest[]> {
  const path = journalPath(folders)
  const text = readState(path)
  if (text === undefined) return []
  const startTimes = parseMergeJournal(path, text).map(async (guest) => ({
    guest,
    now: await readStartTime(root, guest.pid),
  }))
  return (await Promise.all(startTimes)).flatMap(({ guest, now }) => (guest.startTime === now ? [guest] : []))
}

/** Removed where nothing is left to put back. */
export function writeMergeJournal(folders: StateFolders, guests: readonly SwitchedGuest[]): void {
  const path = journalPath(folders)
  if (guests.length === 0) removeDurably(path)
  else writeDurably(path, `${JSON.stringify({ version: 1, guests }, null, 2)}\n`)
}

function parseMergeJournal(path: string, text: string): SwitchedGuest[] {
  const parsed = journal.safeParse(parseJson(text))
  if (parsed.success) return parsed.data.guests
  throw new Problem('system', `cannot use ${path}: ${z.prettifyError(parsed.error).slice(0, 500)}`, {
    remedy: `Look at ${path}, switch the merging of guests as it should be, and remove that file.`,
  })
}

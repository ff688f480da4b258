// The journal: the KSM settings found before our first change, kept on disk until they are put back.
import { join } from 'node:path'
import { z } from 'zod'
import { type KsmSettings, ksmBurst, ksmSettings } from '../../../src/shared/contract/ksm.ts'
import { objectOf } from '../../../src/shared/contract/object-of.ts'
import { count, instant, pid } from '../../../src/shared/contract/quantity.ts'
import { parseJson } from '../../../src/shared/parsing/parse-json.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { readState, removeDurably, type StateFolders, writeDurably } from '../changes/state-folders.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readBootId } from '../kernel/machine.ts'

const pausedProcess = objectOf(() => ({
  pid,
  startTime: z.string().regex(/^\d+$/),
  name: z.string().max(64),
}))
/** A governor that we stopped with SIGSTOP; `restore` lets it continue. */
export type PausedProcess = z.infer<typeof pausedProcess>

/** See `BurstProgress`: what another helper needs to go on. */
const burstProgress = objectOf(() => ({
  aim: z.object({ potentialPages: count.optional(), savedPages: z.number() }),
  firstPass: count,
  startZeroPages: count,
  startGuestPages: z.record(z.string().max(16), count).optional(),
  startCpuSeconds: z.number().optional(),
  splitPages: z.number(),
  pass: count,
  passFreedPages: z.number(),
  passSharedPages: count,
  passKnownPages: count,
  passCpuSeconds: z.number().optional(),
  gainedPages: z.number().optional(),
  comparingPasses: count,
  voidPasses: count,
  voidPassesInARow: count,
  voidCpuSeconds: z.number(),
}))

const journaledBurst = objectOf(() => ({
  since: instant,
  /** Ends it; gone where the helper was killed. */
  watcher: z.object({ pid, startTime: z.string() }),
  /** Where it stood when it began, or was tried again. */
  progress: burstProgress,
  /** Their resident pages tell what splits have freed. */
  guestPids: z.array(pid).max(10_000),
  thresholdBytes: count.optional(),
  hugePagesBeforeBytes: count.optional(),
  /** Scanning is over, and what is left is being measured. */
  measuring: z.boolean().optional(),
  /** How it ended; absent: it has not. */
  ended: ksmBurst.optional(),
}))
/** A burst of `ksm start`, so that any helper can tell how it stands. */
export type JournaledBurst = z.infer<typeof journaledBurst>

const journal = objectOf(() => ({
  version: z.literal(1),
  since: instant,
  /** Settings do not outlive a boot, so neither does the journal. */
  bootId: z.string().max(64),
  settings: ksmSettings,
  paused: z.array(pausedProcess).max(64),
  // One written by a helper of another version is no reason to refuse the settings found.
  burst: journaledBurst.optional().catch(undefined),
}))
export type Journal = z.infer<typeof journal>

/** The file with the settings found before the first change. Absent: nothing is changed now. */
export function journalPath(folders: StateFolders): string {
  return join(folders.state, 'ksm-journal.json')
}

/**
 * undefined: nothing to put back, since nothing was changed or the machine was booted afterwards. Needs to be the user who
 * wrote it: the file is closed to others. Throws on a journal that does not parse.
 */
export async function readJournal(folders: StateFolders, root: KernelRoot): Promise<Journal | undefined> {
  const path = journalPath(folders)
  const text = readState(path)
  if (text === undefined) return undefined
  const found = parseJournal(path, text)
  return found.bootId === (await nameBoot(root)) ? found : undefined
}

/**
 * The journal that is there, or a new one of `settings`: the first one wins until it is restored. Needs root and the lock of
 * the host. Throws as `readJournal` and `writeJournal` do.
 */
export async function openJournal(
  folders: StateFolders,
  root: KernelRoot,
  settings: KsmSettings,
): Promise<{ journal: Journal; isNew: boolean }> {
  const found = await readJournal(folders, root)
  if (found !== undefined) return { journal: found, isNew: false }
  const fresh: Journal = {
    version: 1,
    since: wallClock(),
    bootId: await nameBoot(root),
    settings,
    paused: [],
  }
  writeJournal(folders, fresh)
  return { journal: fresh, isNew: true }
}

/** On disk when this returns. Needs root. Throws `out-of-space`, `not-permitted`. */
export function writeJournal(folders: StateFolders, value: Journal): void {
  writeDurably(journalPath(folders), `${JSON.stringify(value, null, 2)}\n`)
}

/** After everything was put back. On disk when this returns. Needs root. Throws `not-permitted`. */
export function removeJournal(folders: StateFolders): void {
  removeDurably(journalPath(folders))
}

/** Throws `system` with the path and what to do: settings that cannot be read must not be guessed. */
function parseJournal(path: string, text: string): Journal {
  const parsed = journal.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new Problem('system', `cannot use ${path}: ${z.prettifyError(parsed.error).slice(0, 500)}`, {
    remedy: `Look at ${path}, set /sys/kernel/mm/ksm as it should be, and remove that file.`,
  })
}

async function nameBoot(root: KernelRoot): Promise<string> {
  return (await readBootId(root)) ?? 'unknown'
}

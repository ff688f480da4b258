// The lock of the host: only one helper changes it at a time, and the second can say who does.
import { randomBytes } from 'node:crypto'
import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { instant, name, pid } from '../../../src/shared/contract/quantity.ts'
import { parseJson } from '../../../src/shared/parsing/parse-json.ts'
import { asProblem, Problem } from '../../../src/shared/problem.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readNamespace } from '../kernel/namespaces.ts'
import { readStartTime } from '../kernel/process-stat.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'
import { makePrivateFolder, readState, type StateFolders } from './state-folders.ts'

const holderSchema = z.object({
  pid,
  startTime: z.string(),
  /** Pids mean nothing in another PID namespace: there, a holder counts as alive. */
  pidNamespace: z.string(),
  who: name,
  action: name,
  since: instant,
  /** How it is ended, where ending the process is not the way. */
  remedy: name.optional(),
})
type LockHolder = z.infer<typeof holderSchema>

export interface LockPurpose {
  readonly who: string
  readonly action: string
  readonly remedy?: string
  /** Puts back or stops what was changed before: done even where no room is left for a lock. */
  readonly undoes?: boolean
}

/**
 * Runs `work` under the lock. Throws `busy`, naming the holder, when another helper has it. On a full disk only what undoes
 * goes on, and without a lock: as long as there is no room, nobody else can take one and begin a change beside it.
 */
export async function withLock<T>(
  folders: StateFolders,
  root: KernelRoot,
  purpose: LockPurpose,
  work: () => Promise<T>,
): Promise<T> {
  const { undoes = false, ...said } = purpose
  const path = join(folders.run, 'lock')
  try {
    await takeLock(folders, root, path, said)
  } catch (error) {
    if (!undoes || asProblem(error).code !== 'out-of-space') throw error
    await checkUnheld(folders, root)
    return await work()
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

async function takeLock(
  folders: StateFolders,
  root: KernelRoot,
  path: string,
  purpose: LockPurpose,
): Promise<void> {
  makePrivateFolder(folders.run)
  const text = JSON.stringify(await describeSelf(root, purpose))
  if (placeLock(path, text)) return
  await removeStaleLock(path, root)
  if (!placeLock(path, text)) throw busy(path, readState(path))
}

async function describeSelf(root: KernelRoot, purpose: LockPurpose): Promise<LockHolder> {
  const startTime = (await readStartTime(root, process.pid)) ?? 'unknown'
  return { pid: process.pid, startTime, pidNamespace: pidNamespace(root), since: wallClock(), ...purpose }
}

/** A link appears with its content and fails where one is, both at once. */
function placeLock(path: string, text: string): boolean {
  const mine = `${path}.${randomBytes(4).toString('hex')}`
  try {
    // On a full disk it is made, but not filled.
    writeFileSync(mine, text, { mode: 0o600, flag: 'wx' })
    linkSync(mine, path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw systemProblem(error, `take the lock ${path}`)
  } finally {
    rmSync(mine, { force: true })
  }
}

async function removeStaleLock(path: string, root: KernelRoot): Promise<void> {
  const text = readState(path)
  if (text === undefined) return
  if (await isHeld(text, root)) throw busy(path, text)
  const aside = `${path}.${randomBytes(4).toString('hex')}`
  try {
    renameSync(path, aside)
    // Another helper may have replaced the stale lock by its own between the two looks: give that back.
    if (readState(aside) !== text) linkSync(aside, path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'EEXIST') {
      throw systemProblem(error, `remove the stale lock ${path}`)
    }
  } finally {
    rmSync(aside, { force: true })
  }
}

/**
 * Gives up the lock that this process holds, if it does. For one that ends in the middle of a change and may stay behind
 * as a process that no signal ends: the journal says what is to be put back.
 */
export function releaseOwnLock(folders: StateFolders, root: KernelRoot): void {
  const path = join(folders.run, 'lock')
  const holder = parseHolder(readState(path) ?? '')
  if (holder?.pid === process.pid && holder.pidNamespace === pidNamespace(root)) rmSync(path, { force: true })
}

/** Who holds the lock at this moment; undefined: nobody, or one that has ended without letting go. */
export async function readHolder(folders: StateFolders, root: KernelRoot): Promise<LockHolder | undefined> {
  const text = readState(join(folders.run, 'lock'))
  return text !== undefined && (await isHeld(text, root)) ? parseHolder(text) : undefined
}

/** Who had the lock and has ended without letting go; undefined: nobody. */
export async function readLeftHolder(
  folders: StateFolders,
  root: KernelRoot,
): Promise<LockHolder | undefined> {
  const text = readState(join(folders.run, 'lock'))
  return text === undefined || (await isHeld(text, root)) ? undefined : parseHolder(text)
}

/** Throws `busy`, naming the holder, where a process other than `but` has the lock at this moment. */
export async function checkUnheld(folders: StateFolders, root: KernelRoot, but?: number): Promise<void> {
  const holder = await readHolder(folders, root)
  if (holder !== undefined && holder.pid !== but) throw busyWith(holder)
}

/** A lock that does not parse was written by no helper: it holds nobody back. */
async function isHeld(text: string, root: KernelRoot): Promise<boolean> {
  const holder = parseHolder(text)
  if (holder === undefined) return false
  if (holder.pidNamespace !== pidNamespace(root)) return true
  return (await readStartTime(root, holder.pid)) === holder.startTime
}

function parseHolder(text: string): LockHolder | undefined {
  return holderSchema.safeParse(parseJson(text)).data
}

function busy(path: string, text: string | undefined): Problem {
  const holder = text === undefined ? undefined : parseHolder(text)
  if (holder === undefined) return new Problem('busy', `cannot change this host: ${path} is taken`)
  return busyWith(holder)
}

function busyWith(holder: LockHolder): Problem {
  const since = new Date(holder.since).toISOString()
  return new Problem(
    'busy',
    `cannot change this host: process ${holder.pid} (${holder.who}) has been running ${holder.action} since ${since}`,
    { remedy: holder.remedy ?? `Wait for it to finish, or end process ${holder.pid}.` },
  )
}

function pidNamespace(root: KernelRoot): string {
  try {
    return readNamespace(root, 'self', 'pid')
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return 'unknown'
  }
}

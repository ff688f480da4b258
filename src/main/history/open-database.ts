// Opens history.sqlite in any state: older, newer, read-only, locked, on a full disk, corrupt.
import { accessSync, chmodSync, closeSync, constants, existsSync, openSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Problem, type ProblemCode } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'
import { asidePath } from '../state-files/state-file.ts'
import { bringUpToDate, readSchemaVersion, schemaVersion } from './history-schema.ts'

/** Another process that writes is waited for this long. */
const busyTimeoutMs = 2000

/**
 * The database with all its tables, mode 600. A file that is no database, or a damaged one, is moved aside (`onAside`
 * is told) and a new one begins. Throws a Problem where there is none to be had; the file is then as it was.
 */
export function openDatabase(path: string, onAside: (problem: Problem) => void): DatabaseSync {
  try {
    return open(path)
  } catch (error) {
    if (!isDamaged(error)) throw asDatabaseProblem(error, `cannot use ${path}`)
    return openAnew(path, error, onAside)
  }
}

/** After damage that was found, at the start or later. */
export function openAnew(path: string, damage: unknown, onAside: (problem: Problem) => void): DatabaseSync {
  try {
    onAside(moveAside(path, damage))
    return open(path)
  } catch (error) {
    throw asDatabaseProblem(error, `cannot begin a new ${path}`)
  }
}

function open(path: string): DatabaseSync {
  if (path !== ':memory:') keepPrivate(path)
  const database = new DatabaseSync(path)
  try {
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
    refuseNewer(path, readSchemaVersion(database))
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;')
    bringUpToDate(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** SQLite gives the files beside it (-wal, -shm) the same mode, and would open a read-only one without a word. */
function keepPrivate(path: string): void {
  if (!existsSync(path)) {
    closeSync(openSync(path, 'a', 0o600))
    return
  }
  for (const needed of [path, dirname(path)]) accessSync(needed, constants.R_OK | constants.W_OK)
  try {
    chmodSync(path, 0o600)
  } catch (error) {
    // Another user's file that we may write to.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
  }
}

function refuseNewer(path: string, version: number): void {
  if (version <= schemaVersion) return
  throw new Problem(
    'not-supported',
    `cannot use ${path}: a newer workbench wrote it (schema ${version}; this one knows ${schemaVersion})`,
    { remedy: 'Update this workbench, or move the file away to start a new history.' },
  )
}

/** What was committed may still be in the files beside it, so they go along. */
function moveAside(path: string, reason: unknown): Problem {
  const aside = asidePath(path)
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix)
  }
  const why = reason instanceof Error ? reason.message : String(reason)
  return new Problem('bad-input', `cannot use ${path}: ${why}`, {
    remedy: `It was kept as ${aside}; a new history begins.`,
  })
}

/** SQLITE_CORRUPT, SQLITE_NOTADB. */
export function isDamaged(error: unknown): boolean {
  return [11, 26].includes(resultCode(error))
}

/** Writing again later may succeed: SQLITE_BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN. */
export function isTransient(error: unknown): boolean {
  return [5, 6, 8, 10, 13, 14].includes(resultCode(error))
}

/** What a result code of SQLite or an error number of the system means to the person. */
const causes: Readonly<Record<string, { readonly code: ProblemCode; readonly remedy: string }>> = {
  5: { code: 'busy', remedy: 'Another program has locked it; end that program.' },
  8: {
    code: 'not-permitted',
    remedy: 'Make the file and its folder writable for the user of this workbench.',
  },
  13: { code: 'out-of-space', remedy: 'Free space on the disk of the data folder.' },
}
const causeOfErrno: Readonly<Record<string, number>> = {
  EACCES: 8,
  EPERM: 8,
  EROFS: 8,
  ENOSPC: 13,
  EDQUOT: 13,
}

/** SQLite's words in ours: locked, read-only, full or damaged, with what to do about it. */
export function asDatabaseProblem(error: unknown, what: string): Problem {
  if (error instanceof Problem) return error
  const reason = error instanceof Error ? error.message : String(error)
  const errno = error instanceof Error && 'code' in error ? String(error.code) : ''
  const { code = 'system', remedy } = causes[resultCode(error) || (causeOfErrno[errno] ?? 0)] ?? {}
  return new Problem(code, `${what}: ${reason}`, { ...withValue({ remedy }), cause: error })
}

/** The primary result code; 0 where it is no error of SQLite. */
function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : 0
}

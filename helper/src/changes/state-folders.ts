// Where the helper keeps what outlives it, and files in there that survive a crash.
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Problem } from '../../../src/shared/problem.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'

export interface StateFolders {
  /** Kept over reboots: journal and audit. */
  readonly state: string
  /** Emptied by a reboot: the lock. */
  readonly run: string
}

/** The folders of journal, audit and lock. The environment names others in tests, and where a unit file does. */
export function stateFolders(environment: Readonly<Record<string, string | undefined>>): StateFolders {
  return {
    state: environment.SINGLETON_STATE_DIR || '/var/lib/singleton-helper',
    run: environment.SINGLETON_RUN_DIR || '/run/singleton-helper',
  }
}

/**
 * Makes the folder with mode 700 where it is missing. Throws `not-permitted` for one that is a link, belongs to another
 * user or lets others write, and where others could change a folder above it: what is kept there is believed.
 */
export function makePrivateFolder(path: string): void {
  try {
    const above = realpathSync(makeFoldersAbove(dirname(resolve(path))))
    for (const folder of foldersUpTo(above)) requireSafe(folder, statSync(folder))
    if (!existsWithoutLink(path)) makeFolder(path)
    requireOwn(path, lstatSync(path))
  } catch (error) {
    throw systemProblem(error, `make the folder ${path}`)
  }
}

/** Whether what lies there is ours to believe and to remove: no link leads there, and nobody else could change it. */
export function isPrivateFolder(path: string): boolean {
  try {
    for (const folder of foldersUpTo(realpathSync(dirname(resolve(path)))))
      requireSafe(folder, statSync(folder))
    requireOwn(path, lstatSync(path))
    return true
  } catch (error) {
    if (error instanceof Problem || errnoOf(error) === 'ENOENT') return false
    throw systemProblem(error, `look at the folder ${path}`)
  }
}

/** One after the other, each inside one that is safe: never several at once through a path that others could change. */
function makeFoldersAbove(path: string): string {
  if (existsSync(path)) return path
  const above = realpathSync(makeFoldersAbove(dirname(path)))
  for (const folder of foldersUpTo(above)) requireSafe(folder, statSync(folder))
  makeFolder(path)
  return path
}

/** Fails on whatever is there, a link that leads nowhere too; another helper may have made it a moment ago. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
  }
}

function foldersUpTo(path: string): string[] {
  return path === '/' ? ['/'] : [...foldersUpTo(dirname(path)), path]
}

function existsWithoutLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

const writableByOthers = 0o022
const sticky = 0o1000

function isOurs(uid: number): boolean {
  return uid === process.geteuid?.()
}

function requireSafe(path: string, { uid, mode }: Stats): void {
  const isOfOthers = uid !== 0 && !isOurs(uid)
  if (isOfOthers || ((mode & writableByOthers) !== 0 && (mode & sticky) === 0))
    throw unsafe(path, 'other users can change it')
}

function requireOwn(path: string, found: Stats): void {
  if (!found.isDirectory()) throw unsafe(path, found.isSymbolicLink() ? 'it is a link' : 'it is not a folder')
  if (!isOurs(found.uid)) throw unsafe(path, `it belongs to user ${found.uid}`)
  if ((found.mode & writableByOthers) !== 0) throw unsafe(path, 'others may write to it')
}

function unsafe(path: string, why: string): Problem {
  return new Problem('not-permitted', `cannot keep records in ${path}: ${why}`, {
    remedy:
      'Make it a folder of this user, writable by nobody else, or set SINGLETON_STATE_DIR and SINGLETON_RUN_DIR.',
  })
}

/** A whole file of ours; undefined where there is none. Follows no link, and waits for no FIFO. */
export function readState(path: string): string | undefined {
  try {
    const fd = openState(path, constants.O_RDONLY)
    try {
      return readFileSync(fd, 'utf8')
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw systemProblem(error, `read ${path}`)
  }
}

/** Throws `not-permitted` where it is not a plain file of ours. */
export function openState(path: string, flags: number): number {
  const fd = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600)
  try {
    const found = fstatSync(fd)
    if (!found.isFile()) throw unsafe(path, 'it is not a plain file')
    if (!isOurs(found.uid) && found.uid !== 0) throw unsafe(path, `it belongs to user ${found.uid}`)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** Replaces the file as a whole: after a crash it holds either the old or the new text, on disk. */
export function writeDurably(path: string, text: string): void {
  makePrivateFolder(dirname(path))
  const draft = `${path}.${randomBytes(4).toString('hex')}.new`
  try {
    writeSynced(draft, text)
    renameSync(draft, path)
    syncFolder(dirname(path))
  } catch (error) {
    removeDraft(draft)
    throw systemProblem(error, `write ${path}`)
  }
}

/** Renames a file, replacing what is there, and waits until its folders are on the disk. Throws a Problem. */
export function moveDurably(from: string, to: string): void {
  try {
    renameSync(from, to)
    for (const folder of new Set([dirname(to), dirname(from)])) syncFolder(folder)
  } catch (error) {
    throw systemProblem(error, `move ${from} to ${to}`)
  }
}

/** Where even that fails, the reason why the draft could not be written says more. */
function removeDraft(draft: string): void {
  try {
    rmSync(draft, { force: true })
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
  }
}

/** Removes a file, if it and its folder are there, and waits until the folder is on the disk. Throws a Problem. */
export function removeDurably(path: string): void {
  try {
    rmSync(path, { force: true })
    syncFolder(dirname(path))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return
    throw systemProblem(error, `remove ${path}`)
  }
}

function writeSynced(path: string, text: string): void {
  const fd = openSync(path, 'wx', 0o600)
  try {
    writeFileSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function syncFolder(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

// Where the helper keeps what outlives it, and files in there that survive a crash.
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'

export interface StateFolders {
  /** Kept over reboots: journal and audit. */
  readonly state: string
  /** Emptied by a reboot: the lock. */
  readonly run: string
}

export function stateFolders(environment: Readonly<Record<string, string | undefined>>): StateFolders {
  return {
    state: environment.SINGLETON_STATE_DIR || '/var/lib/singleton-helper',
    run: environment.SINGLETON_RUN_DIR || '/run/singleton-helper',
  }
}

/** Makes the folder with mode 700 where it is missing. */
export function makePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw systemProblem(error, `make the folder ${path}`)
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

/** Where even that fails, the reason why the draft could not be written says more. */
function removeDraft(draft: string): void {
  try {
    rmSync(draft, { force: true })
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
  }
}

export function removeDurably(path: string): void {
  try {
    rmSync(path, { force: true })
    syncFolder(dirname(path))
  } catch (error) {
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

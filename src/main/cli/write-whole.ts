import { randomUUID } from 'node:crypto'
import { accessSync, constants, fstatSync, lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Problem } from '../../shared/problem.ts'

/**
 * All of it or nothing: a reader never sees half a file. In a folder that others may write to nobody can put a link where the
 * draft will be, or one that leads elsewhere in the place of the file. Streams of this process, pipes and `/dev/null` are
 * written to and stay what they are. Throws `bad-input` for other devices, and errors of node:fs.
 */
export function writeWhole(path: string, content: Uint8Array): void {
  const fd = ownDescriptor(path)
  if (fd !== undefined) {
    // A file is written where the shell's redirection stands; of others, a description of our own waits for slow readers.
    writeFileSync(fstatSync(fd).isFile() ? fd : path, content)
    return
  }
  const kind = lstatSync(path, { throwIfNoEntry: false })
  if (kind?.isCharacterDevice() || kind?.isFIFO()) writeFileSync(path, content)
  else if (kind?.isBlockDevice() || kind?.isSocket())
    throw new Problem('bad-input', `cannot write ${path}: it is not a file`)
  else replaceFile(path, content)
}

/**
 * Throws `bad-input` for a path that `writeWhole` would refuse, before hours go into what is to be written there. Leaves nothing
 * behind.
 */
export function assertWritable(path: string): void {
  if (ownDescriptor(path) !== undefined) return
  try {
    const kind = lstatSync(path, { throwIfNoEntry: false })
    if (kind?.isCharacterDevice() || kind?.isFIFO()) return
    if (kind !== undefined && !kind.isFile() && !kind.isSymbolicLink()) throw new Error('it is not a file')
    accessSync(dirname(resolve(path)), constants.W_OK)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Problem('bad-input', `cannot write ${path}: ${reason}`, { cause: error })
  }
}

/** Whether what is printed besides would get into the document. */
export function isOwnStdout(path: string): boolean {
  return ownDescriptor(path) === 1
}

function replaceFile(path: string, content: Uint8Array): void {
  const draft = `${path}.${randomUUID()}.part`
  try {
    writeFileSync(draft, content, { flag: 'wx' })
    renameSync(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Of the names by which shells and /proc lead to this process's open files. */
function ownDescriptor(path: string): number | undefined {
  const name = resolve(path)
  if (name === '/dev/stdout') return 1
  if (name === '/dev/stderr') return 2
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d{1,9})$/.exec(name)?.[1]
  return number === undefined ? undefined : Number(number)
}

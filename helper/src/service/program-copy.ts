// Copies of the helper that the service runs: each in a folder of root's own, named after its content.
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Problem } from '../../../src/shared/problem.ts'
import { isPrivateFolder, makePrivateFolder } from '../changes/state-folders.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'

const file = 'singleton-helper'
const chunkBytes = 4 * 2 ** 20
const tryMs = 30_000

/**
 * Copies the program into the first of the folders from which programs may be run; returns its path there. One with the
 * same content that is there already is checked and taken.
 */
export function copyProgram(source: string, folders: readonly string[]): string {
  const reasons: string[] = []
  for (const folder of folders.filter((path) => existsSync(dirname(path)))) {
    try {
      return copyInto(source, folder)
    } catch (error) {
      reasons.push(systemProblem(error, `install the helper in ${folder}`).message)
    }
  }
  throw new Problem('system', `cannot install the service: ${reasons.join('; ')}`.slice(0, 4000))
}

function copyInto(source: string, folder: string): string {
  const digest = digestOf(source)
  const target = join(folder, digest, file)
  makePrivateFolder(dirname(target))
  if (!existsSync(target) || digestOf(target) !== digest) {
    const draft = `${target}.${randomBytes(4).toString('hex')}.new`
    try {
      if (copyBytes(source, draft) !== digest)
        throw new Problem(
          'system',
          `cannot copy ${source}: it changed during the copy; install again when the build is done`,
        )
      renameSync(draft, target)
    } finally {
      rmSync(draft, { force: true })
    }
  }
  chmodSync(target, 0o700)
  // A file system from which nothing may be run is of no use.
  execFileSync(target, ['--version'], { env: {}, timeout: tryMs, stdio: 'ignore' })
  return target
}

function digestOf(path: string): string {
  const hash = createHash('sha256')
  eachChunk(path, (chunk) => hash.update(chunk))
  return hash.digest('hex')
}

/** Returns the digest of what was written, which is on the disk then. */
function copyBytes(source: string, target: string): string {
  const hash = createHash('sha256')
  const fd = openSync(target, 'wx', 0o600)
  try {
    eachChunk(source, (chunk) => {
      hash.update(chunk)
      for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
    })
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  return hash.digest('hex')
}

function eachChunk(path: string, take: (chunk: Buffer) => void): void {
  const buffer = Buffer.alloc(chunkBytes)
  const fd = openSync(path, 'r')
  try {
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer))
      take(buffer.subarray(0, read))
  } finally {
    closeSync(fd)
  }
}

/** Throws where what lies there is not what its folder is named after, or is no copy of ours. */
export function checkCopy(path: string, folders: readonly string[]): void {
  const folder = dirname(path)
  const isOurs = folders.includes(dirname(folder)) && basename(path) === file && isPrivateFolder(folder)
  if (isOurs && existsSync(path) && digestOf(path) === basename(folder)) return
  throw new Problem('not-permitted', `cannot run ${path}: it is not the program that was installed there`)
}

/**
 * Removes all copies but these, and folders that are empty then. A folder that others could have put there, as where
 * /usr/local belongs to a group, is none of ours: a link in its place would lead to what others have.
 */
export function removeCopies(folders: readonly string[], kept: readonly string[]): void {
  for (const folder of folders.filter(isPrivateFolder)) {
    for (const name of readdirSync(folder)) {
      const isCopy = /^[0-9a-f]{64}$/.test(name)
      if (isCopy && !kept.includes(join(folder, name, file)))
        rmSync(join(folder, name), { recursive: true, force: true })
    }
    removeIfEmpty(folder)
  }
}

/** Leaves a folder that holds anything, or that is none. Throws what else keeps it from being removed. */
export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'EBUSY'].includes(errnoOf(error) ?? '')) throw error
  }
}

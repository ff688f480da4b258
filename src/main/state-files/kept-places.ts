// What lies in the data folder, and how much of it.
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type KeptData, type KeptPlace, keptPlaces } from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import { asideMark } from './state-file.ts'

/** SQLite's own files beside a database hold what has yet to go into it. */
const beside = ['-wal', '-shm']

/** Those that are there, in the order of `keptPlaces`. Never rejects: what cannot be read has no size. */
export async function listKeptPlaces(folder: string): Promise<KeptData['places']> {
  const found: KeptData['places'] = []
  for (const place of keptPlaces) {
    const size = await sizeOf(folder, place)
    if (size !== 'absent') found.push({ place, ...withValue({ bytes: size }) })
  }
  return found
}

/** Of files that were damaged and made room for a new one. undefined: there are none. Never rejects. */
export async function measureSetAside(folder: string): Promise<KeptData['setAside']> {
  try {
    const names = (await readdir(folder)).filter((name) => name.includes(asideMark))
    if (names.length === 0) return undefined
    return { files: names.length, bytes: await sumSizes(names.map((name) => join(folder, name))) }
  } catch {
    // The folder itself cannot be read, which the sizes of its places say.
    return undefined
  }
}

/** undefined: it is there and cannot be read. */
async function sizeOf(folder: string, place: KeptPlace): Promise<number | 'absent' | undefined> {
  try {
    const path = join(folder, place)
    const status = await lstat(path)
    if (status.isDirectory()) return await sumOf(path)
    return status.size + (await sumSizes(beside.map((ending) => path + ending)))
  } catch (error) {
    return isMissing(error) ? 'absent' : undefined
  }
}

async function sumOf(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return sumSizes(files.map(({ name }) => join(path, name)))
}

async function sumSizes(paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(paths.map(sizeIfThere))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** 0 where it has gone by now. */
async function sizeIfThere(path: string): Promise<number> {
  try {
    return (await lstat(path)).size
  } catch (error) {
    if (isMissing(error)) return 0
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

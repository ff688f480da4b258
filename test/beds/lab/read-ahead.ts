// Readahead of the disk that holds the images, found before the lab ran, and its return. Cloud disks come with
// megabytes of it, under which one random miss fetches thousands of pages.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { deviceNumbers } from './cgroups.ts'

export interface ReadAhead {
  readonly file: string
  readonly kib: string
}

/** Of the disk below a folder; undefined where the kernel has no such setting for it. */
export function findReadAhead(folder: string): ReadAhead | undefined {
  const file = `/sys/class/bdi/${deviceNumbers(folder)}/read_ahead_kb`
  return existsSync(file) ? { file, kib: readFileSync(file, 'utf8').trim() } : undefined
}

/** Counts for files opened from now on. */
export function writeReadAhead({ file, kib }: ReadAhead): void {
  if (existsSync(file) && readFileSync(file, 'utf8').trim() !== kib) writeFileSync(file, kib)
}

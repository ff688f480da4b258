// Reads a small file of /proc or /sys of which absence is an ordinary answer.
import { readFileSync } from 'node:fs'
import { errnoOf, systemProblem } from './system-error.ts'

/**
 * ENODEV: what the file belonged to, as a control group or a disk, was removed after the file was found (kernfs, fs/kernfs/file.c).
 * Files of /sys that are read here have no other reason for it, and those elsewhere never have it.
 */
const goneErrnos: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ESRCH', 'ENODEV'])

/**
 * undefined: no such file, or the process, control group or disk it belonged to has ended. Other failures are Problems. Reads in
 * the calling thread: the kernel answers at once, and handing a read to another thread takes three times as long as the read.
 * What a process can keep from being answered is read by `watchedRead`.
 */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (goneErrnos.has(errnoOf(error))) return undefined
    throw systemProblem(error, `read ${path}`)
  }
}

// Reads a small file of /proc or /sys of which absence is an ordinary answer.
import { readFileSync } from 'node:fs'
import { errnoOf, systemProblem } from './system-error.ts'

/**
 * undefined: no such file, or the process it belonged to has ended. Other failures are Problems. Reads in the calling
 * thread: the kernel answers at once, and handing a read to another thread takes three times as long as the read. What a
 * process can keep from being answered is read by `watchedRead`.
 */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw systemProblem(error, `read ${path}`)
  }
}

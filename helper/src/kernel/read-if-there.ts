// Reads a small file of which absence is an ordinary answer.
import { readFile } from 'node:fs/promises'
import { errnoOf, systemProblem } from './system-error.ts'

/** undefined: no such file, or the process it belonged to has ended. Other failures are Problems. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw systemProblem(error, `read ${path}`)
  }
}

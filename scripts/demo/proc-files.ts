// Files of /proc that end with their process.
import { readdirSync, readFileSync } from 'node:fs'

export function listPids(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

/** undefined: the process has ended in the meantime. */
export function readProcFile(pid: string, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}

// Counts who opens a file, by the kernel's own account; see watch-opens.py.
import { spawn } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface OpenWatch {
  /** How often a process has opened the file since the watch began. Ends the watch. */
  openingsBy(pid: number): Promise<number>
}

/** Naming a file by O_PATH is no opening. Other helpers on this machine may look at the same guests: they do not count. */
export async function watchOpens(path: string): Promise<OpenWatch> {
  const child = spawn('python3', [join(import.meta.dirname, 'watch-opens.py'), path])
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const { value } = await lines.next()
  if (value !== 'ready') throw new Error(`cannot watch ${path}: fanotify says ${value ?? 'nothing'}`)
  return {
    openingsBy: async (pid) => {
      // Opened by ourselves, so that all that came before has been told of by then; like this not even a FIFO waits.
      closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK))
      let count = 0
      for (;;) {
        const opener = Number((await lines.next()).value)
        if (opener === process.pid) break
        if (opener === pid) count += 1
      }
      child.stdin.end()
      return count
    },
  }
}

// How the helper ends over a read that does not: the process that holds it up is noted first, for the next helper.
import { closeSync, writeSync } from 'node:fs'
import { inLine } from '../../../src/shared/text/terminal.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { releaseOwnLock } from '../changes/lock.ts'
import type { StateFolders } from '../changes/state-folders.ts'
import { listDescriptors } from '../kernel/descriptors.ts'
import { liveKernel } from '../kernel/kernel-root.ts'
import { readStartTime } from '../kernel/process-stat.ts'
import { readProcessStatus } from '../kernel/process-status.ts'
import { noteHeld, ownerOf } from './held-processes.ts'

/** Ends this process by SIGKILL, whatever becomes of the note. `folders`: where process `pid` is noted. */
export async function endOver(pid: number, folders: StateFolders): Promise<void> {
  const words = [`process ${pid} has held up the reading of its memory: this helper ends`]
  try {
    const startTime = await readStartTime(liveKernel, pid)
    const uid = readProcessStatus(liveKernel, pid)?.credentials.uid
    if (startTime !== undefined && uid !== undefined) {
      noteHeld(folders, { pid, startTime, owner: ownerOf(liveKernel, pid, uid), at: wallClock() })
      words.push('the next one leaves that process out')
    }
  } catch (error) {
    words.push(`it cannot be noted: ${error instanceof Error ? error.message : error}`)
  }
  try {
    releaseOwnLock(folders, liveKernel)
    writeSync(2, `${inLine(words.join(', and '))}\n`)
  } finally {
    leave()
  }
}

/**
 * A thread that waits for a user's file server that has taken its request does not even end when it is killed, and would keep
 * what this process has open. So all of that is closed first.
 */
function leave(): void {
  for (const fd of listDescriptors(liveKernel, process.pid)) {
    try {
      closeSync(Number(fd))
    } catch {
      // The one that the list was read by has gone.
    }
  }
  process.kill(process.pid, 'SIGKILL')
}

// The thread that watches those that read other processes' memory. Where such a read does not end, nothing gets the reading
// thread out of the kernel but the end of the helper: the process that holds it up is noted first, for the next one.
import { closeSync, writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { inLine } from '../../../src/shared/text/terminal.ts'
import { wallClock } from '../../../src/shared/wall-clock.ts'
import { releaseOwnLock } from '../changes/lock.ts'
import { listDescriptors } from '../kernel/descriptors.ts'
import { liveKernel } from '../kernel/kernel-root.ts'
import { readOwnThreadState, readStartTime } from '../kernel/process-stat.ts'
import { readProcessStatus } from '../kernel/process-status.ts'
import { ReadingState, readingThreads } from '../kernel/watched-read.ts'
import { noteHeld, ownerOf } from './held-processes.ts'
import { StalledReads } from './stalled-reads.ts'
import type { WatchOrders } from './watch.ts'

const lookMs = 1000
const { memory, folders } = workerData as WatchOrders
const stalled = new StalledReads(
  new ReadingState(memory),
  (threadId) => readOwnThreadState(liveKernel, threadId) === 'R',
)

let isEnding = false
setInterval(() => {
  for (const thread of Object.values(readingThreads)) {
    const pid = stalled.findHolder(thread)
    if (pid === undefined || isEnding) continue
    isEnding = true
    void endOver(pid)
  }
}, lookMs)
parentPort?.postMessage('watching')

async function endOver(pid: number): Promise<void> {
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

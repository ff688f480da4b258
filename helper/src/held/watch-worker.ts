// The thread that watches those that read other processes' memory. Where such a read does not end, nothing gets the reading
// thread out of the kernel but the end of the helper (end-over.ts). It lives in every helper: it loads no more than it needs.
import { parentPort, workerData } from 'node:worker_threads'
import { liveKernel } from '../kernel/kernel-root.ts'
import { readOwnThreadState } from '../kernel/process-stat.ts'
import { ReadingState, readingThreads } from '../kernel/watched-read.ts'
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
    void endOverRead(pid)
  }
}, lookMs)
parentPort?.postMessage('watching')

async function endOverRead(pid: number): Promise<void> {
  const { endOver } = await import('./end-over.ts')
  await endOver(pid, folders)
}

// Begins the watch over reads of other processes' memory, in a thread of its own: a reading thread that waits for another
// process runs nothing, and no signal but the one that ends the helper gets it out.
import { Worker } from 'node:worker_threads'
import type { StateFolders } from '../changes/state-folders.ts'
import { ReadingState, watchReads } from '../kernel/watched-read.ts'
import { workerPath } from '../kernel/worker-path.ts'

export interface WatchOrders {
  readonly memory: SharedArrayBuffer
  readonly folders: StateFolders
}

/** From the first such read on. `folders`: where the process that held the helper up is noted. */
export function beginWatch(folders: StateFolders): void {
  watchReads(() => {
    const state = new ReadingState()
    const orders: WatchOrders = { memory: state.memory, folders }
    const worker = new Worker(workerPath('held/watch-worker'), { workerData: orders })
    worker.unref()
    return { state, started: whenStarted(worker) }
  })
}

const startsWithinMs = 1_000

/** Never rejects: without its watch the helper reads as well. */
function whenStarted(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    // Keeps this process alive, which its thread does not.
    const timer = setTimeout(resolve, startsWithinMs)
    const end = () => {
      clearTimeout(timer)
      resolve()
    }
    // Its first message says that it watches.
    worker.once('message', end).once('exit', end)
  })
}

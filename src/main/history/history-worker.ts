// The worker thread around the history database: buffers writes for a second, answers queries, tidies up.
import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { asProblem } from '../../shared/problem.ts'
import { HistoryStore } from './history-store.ts'
import type { WorkerReply, WorkerRequest, WorkerWrite } from './worker-messages.ts'

const flushEveryMs = 1000
const tidyEveryMs = 60_000

const port = parentPort
if (!port) throw new Error('history-worker runs as a worker thread only')
const { path } = z.object({ path: z.string() }).parse(workerData)
const store = new HistoryStore(path)
let waiting: WorkerWrite[] = []

function reply(message: WorkerReply): void {
  port?.postMessage(message)
}

function flush(): void {
  const writes = waiting
  waiting = []
  if (writes.length === 0) return
  try {
    store.inTransaction(() => {
      for (const write of writes) applyWrite(write)
    })
  } catch (error) {
    reply({ kind: 'failed', problem: asProblem(error, 'cannot write history').toData() })
  }
}

function applyWrite(write: WorkerWrite): void {
  if (write.kind === 'interval') store.addInterval(write.hostId, write.interval)
  else if (write.kind === 'assessment') store.addAssessment(write.hostId, write.at, write.document)
  else if (write.kind === 'scrub') store.addScrub(write.hostId, write.at, write.document, write.whole)
  else store.forget(write.hostId)
}

function tidy(): void {
  try {
    store.tidy(Date.now())
  } catch (error) {
    reply({ kind: 'failed', problem: asProblem(error, 'cannot tidy history').toData() })
  }
}

function answer(request: Exclude<WorkerRequest, WorkerWrite>): void {
  flush()
  try {
    const value =
      request.kind === 'series' ? store.series(request.query, Date.now()) : store.remembered(request.hostId)
    reply({ kind: 'answer', id: request.id, value })
  } catch (error) {
    reply({ kind: 'refusal', id: request.id, problem: asProblem(error, 'cannot read history').toData() })
  }
}

const timers = [setInterval(flush, flushEveryMs), setInterval(tidy, tidyEveryMs)]

port.on('message', (request: WorkerRequest | { kind: 'close' }) => {
  if (request.kind === 'close') {
    for (const timer of timers) clearInterval(timer)
    flush()
    store.close()
    port.close()
  } else if (request.kind === 'series' || request.kind === 'remembered') answer(request)
  else waiting.push(request)
})

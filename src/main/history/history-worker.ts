// The worker thread around the history database: writes every second, answers queries, tidies up.
import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { asProblem } from '../../shared/problem.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import { withValue } from '../../shared/with-value.ts'
import { HistoryKeeper } from './history-keeper.ts'
import type { HistoryStore } from './history-store.ts'
import type { WorkerQuery, WorkerReply, WorkerRequest } from './worker-messages.ts'

const flushEveryMs = 1000
const tidyEveryMs = 60_000

const port = parentPort
if (!port) throw new Error('history-worker runs as a worker thread only')
const { path } = z.object({ path: z.string() }).parse(workerData)
const keeper = new HistoryKeeper(path, {
  onHealth: (problem) => reply({ kind: 'health', ...withValue({ problem: problem?.toData() }) }),
  onAside: (problem) => reply({ kind: 'aside', problem: problem.toData() }),
})
keeper.open()

function reply(message: WorkerReply): void {
  port?.postMessage(message)
}

function answer(request: WorkerQuery): void {
  try {
    const value = keeper.read((store) => readFrom(store, request))
    reply({ kind: 'answer', id: request.id, value })
  } catch (error) {
    reply({ kind: 'refusal', id: request.id, problem: asProblem(error, 'cannot read history').toData() })
  }
}

function readFrom(store: HistoryStore, request: WorkerQuery): unknown {
  switch (request.kind) {
    case 'series':
      return store.series(request.query, wallClock())
    case 'marks':
      return store.marks(request.query)
    case 'means':
      return store.means(request.query, wallClock())
    case 'notes':
      return store.notes(request.hostId, request.limit)
    case 'remembered':
      return store.remembered(request.hostId)
  }
}

const timers = [
  setInterval(() => keeper.flush(), flushEveryMs),
  setInterval(() => {
    keeper.open()
    keeper.tidy()
  }, tidyEveryMs),
]

port.on('message', (request: WorkerRequest | { kind: 'close' }) => {
  if (request.kind === 'close') {
    for (const timer of timers) clearInterval(timer)
    keeper.close()
    port.close()
  } else if ('id' in request) answer(request)
  else keeper.addWrite(request)
})

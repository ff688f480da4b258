// A second thread that copies and hashes pages: asked for runs of one guest's pages, it answers with their hashes. It
// also sorts records where they lie.
import { parentPort, workerData } from 'node:worker_threads'
import { viewMemory } from '../../kernel/libc.ts'
import { processProblem } from '../../kernel/system-error.ts'
import { ReadingState, readingThreads, tellReads } from '../../kernel/watched-read.ts'
import { recordWords, siteKind } from '../records/record-layout.ts'
import { sortRecords } from '../records/sort-records.ts'
import { PageChunk } from './page-hash.ts'
import { OwnPageReader } from './page-readers.ts'
import { ReadSlot, slotCount } from './read-slots.ts'
import type { ReadAnswer, ReadRequest, SortRequest, ThreadMemory } from './reading-thread.ts'
import type { HashSink } from './scan.ts'

const { slots: memory, stop, reading, keys } = workerData as ThreadMemory
if (reading !== undefined) tellReads(new ReadingState(reading), readingThreads.pages)
const chunk = new PageChunk(keys)
const slots = Array.from({ length: slotCount }, (_, slot) => new ReadSlot(memory, slot))

parentPort?.on('message', (request: ReadRequest | SortRequest) => {
  const answer = 'runs' in request ? read(request) : sort(request)
  parentPort?.postMessage(answer)
})

/** Ends early once the other thread sets `stop`. */
function sort({ address, words }: SortRequest): ReadAnswer {
  const records = new Uint32Array(viewMemory(address, words * 4))
  const steps = sortRecords(records, words / recordWords)
  while (steps.next().done !== true && Atomics.load(stop, 0) === 0);
  return { privatePages: 0, unmergeablePages: 0 }
}

function read({ slot: number, pid, runs }: ReadRequest): ReadAnswer {
  const slot = slots[number] as ReadSlot
  const found = { privatePages: 0, unmergeablePages: 0 }
  const sink: HashSink = {
    addPages: (hashes, count, kind) => {
      const name = kind === siteKind.private ? 'privatePages' : 'unmergeablePages'
      slot.hashesOf(kind).set(hashes.subarray(0, count * 2), found[name] * 2)
      found[name] += count
    },
  }
  try {
    const batch = new OwnPageReader(pid, chunk, sink)
    for (let run = 0; run < runs; run += 1)
      batch.addRun(slot.startOf(run), slot.pagesOf(run), slot.kindOf(run))
    batch.flush()
    return found
  } catch (error) {
    return { problem: processProblem(error, `read the memory of guest ${pid}`).toData() }
  }
}

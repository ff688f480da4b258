// A second thread that copies and hashes pages: asked for runs of one guest's pages, it answers with their hashes.
import { parentPort } from 'node:worker_threads'
import { processProblem } from '../system-error.ts'
import { PageChunk } from './page-hash.ts'
import { ReadBatch } from './read-batch.ts'
import type { ReadAnswer, ReadRequest } from './reading-thread.ts'
import type { PageSink } from './scan-ram.ts'
import { type SiteKind, siteKind } from './site-kind.ts'

const chunk = new PageChunk()

parentPort?.on('message', (request: ReadRequest) => {
  const answer = read(request)
  parentPort?.postMessage(answer)
})

function read({ pid, runs }: ReadRequest): ReadAnswer {
  const own = new Collected(runs.filter(({ kind }) => kind === siteKind.own))
  const fixed = new Collected(runs.filter(({ kind }) => kind === siteKind.fixed))
  const sink: Pick<PageSink, 'addPages'> = {
    addPages: (hashes, count, kind) => (kind === siteKind.own ? own : fixed).add(hashes, count),
  }
  try {
    const batch = new ReadBatch(pid, chunk, sink)
    for (const { start, pages, kind } of runs) batch.addRun(start, pages, kind)
    batch.flush()
    return { own: own.hashes(), fixed: fixed.hashes() }
  } catch (error) {
    return { problem: processProblem(error, `read the memory of guest ${pid}`).toData() }
  }
}

class Collected {
  private readonly words: Uint32Array
  private count = 0

  constructor(runs: readonly { readonly pages: number; readonly kind: SiteKind }[]) {
    this.words = new Uint32Array(runs.reduce((sum, { pages }) => sum + pages, 0) * 2)
  }

  add(hashes: Uint32Array, count: number): void {
    this.words.set(hashes.subarray(0, count * 2), this.count * 2)
    this.count += count
  }

  hashes(): Uint32Array {
    return this.words.subarray(0, this.count * 2)
  }
}

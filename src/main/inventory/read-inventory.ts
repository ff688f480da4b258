// Parses a pasted inventory in a worker thread, within limits of time and memory.
import { Worker } from 'node:worker_threads'
import type { ImportedHost, ImportProblem } from '../../shared/contract/index.ts'
import { Problem, type ProblemData, problemFromData } from '../../shared/problem.ts'
import { workerFile } from '../worker-file.ts'
import type { ParsedInventory } from './parse-inventory.ts'

const timeoutMs = 15_000
const maxMemoryMiB = 512
/** Each message is taken apart in main in one go. */
export const maxHostsPerMessage = 500

export type InventoryMessage =
  | { readonly kind: 'hosts'; readonly hosts: readonly ImportedHost[] }
  | { readonly kind: 'end'; readonly problems: readonly ImportProblem[] }
  | { readonly kind: 'failed'; readonly problem: ProblemData }

/** Throws `bad-input` naming the line for an inventory that Ansible would refuse, or that takes too much. */
export async function readInventory(text: string): Promise<ParsedInventory> {
  const worker = new Worker(workerFile('inventory-worker', import.meta.url), {
    workerData: { text },
    name: 'inventory',
    resourceLimits: { maxOldGenerationSizeMb: maxMemoryMiB },
  })
  const hosts: ImportedHost[] = []
  const timer = setTimeout(() => void worker.terminate(), timeoutMs)
  try {
    return await new Promise<ParsedInventory>((resolve, reject) => {
      worker.on('message', (message: InventoryMessage) => {
        if (message.kind === 'hosts') hosts.push(...message.hosts)
        else if (message.kind === 'end') resolve({ hosts, problems: message.problems })
        else reject(problemFromData(message.problem))
      })
      worker.once('error', (error) => reject(tooMuch(error)))
      worker.once('exit', () => reject(tooMuch()))
    })
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}

function tooMuch(cause?: unknown): Problem {
  const limits = `${timeoutMs / 1000} s and ${maxMemoryMiB} MiB`
  return new Problem('bad-input', `cannot read the inventory: it takes more than ${limits}`, { cause })
}

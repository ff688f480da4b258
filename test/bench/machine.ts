// The machine that figures are of.
import { cpus, release, totalmem } from 'node:os'
import { readIfThere } from './read-if-there.ts'

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly kernel: string
  readonly hugePages: string
  readonly at: string
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model ?? 'not reported',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    hugePages: readIfThere('/sys/kernel/mm/transparent_hugepage/enabled') ?? 'not reported',
    at: new Date().toISOString().slice(0, 10),
  }
}

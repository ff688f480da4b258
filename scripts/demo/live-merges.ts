// What living processes have merged. pages_sharing goes on counting guests that have ended until ksmd passes again.
import { existsSync } from 'node:fs'
import { listPids, readProcFile } from './proc-files.ts'

/**
 * Pages, the most that merging saves now: the sum of ksm_merging_pages, which counts the first page of each content
 * too. Undefined on kernels that do not report it per process (before 6.1).
 */
export function readLiveMergingPages(): number | undefined {
  if (!existsSync('/proc/self/ksm_stat')) return undefined
  return listPids().reduce((sum, pid) => sum + readMergingPages(pid), 0)
}

function readMergingPages(pid: string): number {
  const stat = readProcFile(pid, 'ksm_stat') ?? ''
  return Number(/^ksm_merging_pages:? (\d+)$/m.exec(stat)?.[1] ?? 0)
}

// What living processes have merged. pages_sharing goes on counting guests that have ended until ksmd passes again.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/**
 * Pages, the most that merging saves now: the sum of ksm_merging_pages, which counts the first page of each content
 * too. Undefined on kernels that do not report it per process (before 6.1).
 */
export function readLiveMergingPages(): number | undefined {
  if (!existsSync('/proc/self/ksm_stat')) return undefined
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, pid) => sum + readMergingPages(pid), 0)
}

function readMergingPages(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/ksm_stat`, 'utf8')
    return Number(/^ksm_merging_pages:? (\d+)$/m.exec(stat)?.[1] ?? 0)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // It ended meanwhile.
    if (code === 'ENOENT' || code === 'ESRCH') return 0
    throw error
  }
}

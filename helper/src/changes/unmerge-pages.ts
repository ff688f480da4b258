// The act of unmerging: is the memory there, and writing run=2 from a child process.
import { spawn } from 'node:child_process'
import { Problem } from '../../../src/shared/problem.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { knobPath } from '../kernel/knobs.ts'
import { type Meminfo, readMeminfo } from '../kernel/meminfo.ts'
import { pageSize } from '../kernel/page-size.ts'
import { mergedPages, readKsmCounters } from '../kernel/read-ksm.ts'
import { systemProblem } from '../kernel/system-error.ts'

const minMarginBytes = 256 * 2 ** 20
const marginRatio = 0.05

// The kernel marks the process that writes 2 as the first to be killed when memory runs out: so it must not be us.
// SIGTERM ends the write with what is unmerged by then. No `exec`: the shell itself has to be the one that writes.
const unmergeScript = 'echo 1000 > /proc/self/oom_score_adj; echo 2 > "$1"'

/**
 * Throws `out-of-memory` where unmerging needs more than is there. Available counts MemAvailable without a margin
 * of 5 % of the machine, at least 256 MiB: part of MemAvailable is page cache that the guests want.
 */
export async function checkUnmergeMemory(root: KernelRoot): Promise<void> {
  const neededBytes = mergedPages(await readKsmCounters(root)) * pageSize
  const spareBytes = spareMemory(await readMeminfo(root))
  if (neededBytes <= Math.max(0, spareBytes)) return
  const missingBytes = neededBytes - spareBytes
  throw new Problem(
    'out-of-memory',
    `cannot unmerge: it needs ${neededBytes} bytes, ${Math.max(0, spareBytes)} are available, ` +
      `${missingBytes} bytes are missing (${formatBytes(missingBytes)})`,
    { remedy: 'Free memory first: scrub the page cache, or move or shut down guests.' },
  )
}

/** MemAvailable without the margin; negative when that is already used up. */
export function spareMemory(meminfo: Pick<Meminfo, 'memAvailableBytes' | 'memTotalBytes'>): number {
  const marginBytes = Math.max(minMarginBytes, Math.round(meminfo.memTotalBytes * marginRatio))
  return meminfo.memAvailableBytes - marginBytes
}

/** Writes run=2 and waits until the kernel is done. On abort the kernel stops and keeps what is still merged. */
export async function writeUnmerge(root: KernelRoot, options: { signal?: AbortSignal }): Promise<void> {
  const path = knobPath(root, 'run')
  const child = spawn('/bin/sh', ['-c', unmergeScript, 'sh', path], { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.on('data', (chunk) => {
    complaint = `${complaint}${chunk}`.slice(-500)
  })
  const cancel = () => child.kill('SIGTERM')
  options.signal?.addEventListener('abort', cancel, { once: true })
  if (options.signal?.aborted) cancel()
  try {
    const ended = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
      child.once('error', (error) => reject(systemProblem(error, 'start /bin/sh to unmerge')))
      child.once('close', (code, signal) => resolve({ code, signal }))
    })
    if (options.signal?.aborted) throw cancelled()
    if (ended.code !== 0) throw unmergeFailed(path, ended.signal, complaint)
  } finally {
    options.signal?.removeEventListener('abort', cancel)
  }
}

function cancelled(): Problem {
  return new Problem('cancelled', 'cannot finish unmerging: cancelled; what is still merged stays merged')
}

function unmergeFailed(path: string, signal: string | null, complaint: string): Problem {
  if (signal === 'SIGKILL') {
    return new Problem(
      'out-of-memory',
      'cannot finish unmerging: the kernel ran out of memory and ended the process that wrote run=2',
      {
        remedy: 'What is still merged stays merged. Free memory first: scrub the page cache, or move guests.',
      },
    )
  }
  return new Problem('system', `cannot write 2 to ${path}: ${complaint.trim() || `signal ${signal}`}`)
}

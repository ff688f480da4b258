// Gives huge pages back to guests where merging split them in vain.

import { closeSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { formatBytes } from '../../../src/shared/units.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { auditChange, type ChangeContext } from '../changes/change.ts'
import { findRam, toRamMapping } from '../guests/guest-ram.ts'
import type { Guest } from '../guests/guests.ts'
import { leaveOversizedOut, maxRamBytes } from '../guests/oversized-memory.ts'
import { listLimits } from '../kernel/cache-limit.ts'
import { hugePageBytes } from '../kernel/mappings.ts'
import { readMeminfo } from '../kernel/meminfo.ts'
import { canCollapseProcessMemory, collapseProcessMemory, openProcess } from '../kernel/process-memory.ts'
import { readSmaps } from '../kernel/smaps.ts'
import { errnoOf, processProblem } from '../kernel/system-error.ts'
import { watchedRead } from '../kernel/watched-read.ts'
import { type GivenBack, type HugePageBudget, shortOfLimits, shortOfMemory } from './huge-page-budget.ts'
import { SplitRanges } from './split-ranges.ts'

interface OpenProcess {
  readonly pid: number
  /** Names the process for good. */
  readonly fd: number
}

/** Ranges collapsed, or 128 MiB looked through, between two looks at the memory left, signal and clock: some 100 ms. */
const rangesAtATime = 16

interface Progress {
  bytes: number
  candidateBytes: number
  why: string | undefined
  /** Why one of the guests was left out; the others were not. */
  leftOut: string | undefined
  readonly deadline: number
}

/**
 * Collapses ranges that `SplitRanges` finds in guests' mergeable RAM, within the budget; ksmd must not scan during it.
 * A line in the audit, which must be writable before. Needs root and the lock of the host. A guest that ends during it
 * is left out. Linux before 6.1 cannot do it: `why` says so.
 */
export function giveBack(
  context: ChangeContext,
  guests: readonly Guest[],
  budget: HugePageBudget,
  signal: AbortSignal,
): Promise<GivenBack> {
  return auditChange(context, { action: 'ksm give huge pages back' }, async (notes) => {
    const memory = await readMeminfo(context.root)
    if (memory.anonHugeBytes !== undefined)
      notes.before = `${formatBytes(memory.anonHugeBytes)} in huge pages`
    const begun = { at: performance.now(), cpu: cpuSeconds() }
    const progress: Progress = {
      bytes: 0,
      candidateBytes: 0,
      why: shortOfMemory(budget, memory),
      leftOut: undefined,
      deadline: begun.at + 1000 * budget.seconds,
    }
    for (const guest of guests)
      if (progress.why === undefined) await giveBackTo(context, guest, budget, progress, signal)
    notes.after = `${formatBytes(progress.bytes)} collapsed of ${formatBytes(progress.candidateBytes)} found`
    return {
      bytes: progress.bytes,
      candidateBytes: progress.candidateBytes,
      seconds: (performance.now() - begun.at) / 1000,
      cpuSeconds: cpuSeconds() - begun.cpu,
      ...withValue({ why: progress.why ?? progress.leftOut }),
    }
  })
}

async function giveBackTo(
  context: ChangeContext,
  guest: Guest,
  budget: HugePageBudget,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { root } = context
  try {
    // Opened first: what is read below is then of this process, or of none.
    const process = { pid: guest.pid, fd: openProcess(guest.pid) }
    try {
      const short = shortOfLimits(budget, await listLimits(root, guest.pid))
      if (short !== undefined) {
        progress.leftOut = short
        return
      }
      const { memTotalBytes } = await readMeminfo(root)
      const found = findRam(await readSmaps(root, guest.pid))
      const { within } = leaveOversizedOut(found, maxRamBytes(memTotalBytes))
      const ram = found.filter((mapping) => within.has(mapping)).map(toRamMapping)
      const ranges = new SplitRanges(root, guest.pid)
      try {
        for (const mapping of ram.filter(({ mergeable, privateFile }) => mergeable && !privateFile))
          await collapseAll(context, process, ranges.listSplitRanges(mapping), budget, progress, signal)
      } finally {
        ranges.close()
      }
    } finally {
      closeSync(process.fd)
    }
  } catch (error) {
    const problem = processProblem(error, `give huge pages back to guest ${guest.name} (pid ${guest.pid})`)
    if (problem.code === 'internal') throw problem
    if (problem.code !== 'gone') context.log(problem.message)
  }
}

async function collapseAll(
  { root }: ChangeContext,
  process: OpenProcess,
  ranges: Iterable<number | undefined>,
  budget: HugePageBudget,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  let looked = 0
  for (const start of ranges) {
    if (progress.why !== undefined) return
    if (start !== undefined) {
      progress.candidateBytes += hugePageBytes
      progress.why = collapse(process, start, progress)
    }
    looked += 1
    if (looked % rangesAtATime !== 0) continue
    await breathe()
    if (signal.aborted) progress.why = 'interrupted'
    else if (performance.now() > progress.deadline)
      progress.why = `the budget of ${budget.seconds} s is spent`
    else progress.why ??= shortOfMemory(budget, await readMeminfo(root))
  }
}

/** Why to end; undefined: go on, also where this range is in use just now. */
function collapse({ pid, fd }: OpenProcess, start: number, progress: Progress): string | undefined {
  try {
    const range = { start, length: hugePageBytes }
    progress.bytes += watchedRead(pid, () => collapseProcessMemory(fd, range))
    return undefined
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'EAGAIN' || code === 'EBUSY') return undefined
    if (code === 'ENOMEM') return 'the kernel found no huge page that is free'
    // The guest runs on: a range that has changed since the look costs that range only.
    if (code === 'EINVAL' && canCollapseProcessMemory(fd)) return undefined
    if (code === 'ENOSYS' || code === 'EINVAL')
      return 'this kernel cannot collapse memory of another process (Linux >= 6.1)'
    throw error
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

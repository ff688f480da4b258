// KSM of this kernel, for benchmarks: counters, ksmd's CPU time in nanoseconds, and a fresh start.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readIfThere } from './read-if-there.ts'

const KSM = '/sys/kernel/mm/ksm'
/** As the kernel has them after booting. */
const stock = { smart_scan: '1', use_zero_pages: '0', sleep_millisecs: '20', pages_to_scan: '100' }

export function writeKsm(knob: string, value: string): void {
  writeFileSync(`${KSM}/${knob}`, value)
}

/** Knobs that this kernel lacks are left out. */
export function resetKsm(): void {
  writeKsm('run', '2')
  // It refuses pages_to_scan while it is on, and leaves its own behind.
  if (readIfThere(`${KSM}/advisor_mode`) !== undefined) writeKsm('advisor_mode', 'none')
  for (const [knob, value] of Object.entries(stock))
    if (readIfThere(`${KSM}/${knob}`) !== undefined) writeKsm(knob, value)
  writeKsm('run', '0')
}

export function readKsmRun(): string {
  return readFileSync(`${KSM}/run`, 'utf8').trim()
}

export function readMerged(): number {
  return count('pages_sharing') + count('ksm_zero_pages')
}

/** Of what is merged: pages that ksmd replaced by the zero page. They leave their guest's Rss as well. */
export function readZeroPages(): number {
  return count('ksm_zero_pages')
}

/** What ksmd could compare in the present pass, and what not. */
export function readCompared(): { unsharedPages: number; volatilePages: number } {
  return { unsharedPages: count('pages_unshared'), volatilePages: count('pages_volatile') }
}

/** Pages of these processes, KSM pages included. */
export function readRss(pids: readonly number[]): number {
  const resident = (pid: number) => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
  return pids.reduce((sum, pid) => sum + resident(pid), 0)
}

export function readScans(): number {
  return count('full_scans')
}

/** What ksmd has seen and not merged: standing in its tree, and changing too often to stand there. */
export function readKsmCounters(): { readonly unsharedPages: number; readonly volatilePages: number } {
  return { unsharedPages: count('pages_unshared'), volatilePages: count('pages_volatile') }
}

/** Of these processes, in transparent huge pages. */
export function readHugeBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return sum + Number(/^AnonHugePages: +(\d+) kB$/m.exec(rollup)?.[1]) * 1024
  }, 0)
}

function count(file: string): number {
  return Number(readIfThere(`${KSM}/${file}`) ?? 0)
}

let ksmd: string | undefined

/** Time on a processor, by the scheduler: /proc/<pid>/schedstat counts nanoseconds, stat only ticks. */
export function readKsmdCpu(): number {
  ksmd ??= readdirSync('/proc').find(
    (pid) => /^\d+$/.test(pid) && readIfThere(`/proc/${pid}/comm`) === 'ksmd',
  )
  if (ksmd === undefined) throw new Error('cannot measure KSM: /proc shows no ksmd')
  return readCpu(ksmd)
}

export function readCpu(pid: string | number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9
}

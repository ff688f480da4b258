// Benchmark 1: a snapshot beside mere copying, the classification of images, a repeat of merged guests, memory.
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { BenchLab } from './bench-lab.ts'
import { median } from './median.ts'

const PAGE = 4096

const timed = z.object({ pages: z.number(), seconds: z.number(), cpuSeconds: z.number() })
const snapshotBench = z.object({
  guests: z.number(),
  presentPages: z.number(),
  rounds: z.array(
    z.object({ copy: timed.optional(), scan: timed.extend({ hashedPages: z.number() }), images: timed }),
  ),
  rssBeforeBytes: z.number(),
  peakRssBytes: z.number(),
})
type SnapshotBench = z.infer<typeof snapshotBench>

export interface SnapshotFigures {
  readonly guests: number
  readonly ramGiB: number
  readonly copyGBps: number
  readonly scanGBps: number
  /** Ratios of CPU time per page in one round, median over the rounds. */
  readonly scanToCopy: number
  readonly imagesToCopy: number
  /** CPU time of a snapshot of the merged guests, relative to one before merging. */
  readonly repeatToFirst: number
  /** Of the pages present, what was hashed in the repeat. */
  readonly repeatHashedRatio: number
  readonly memoryMiBPerGiB: number
  readonly raw: Readonly<Record<'first' | 'single' | 'merged', SnapshotBench>>
}

export interface SnapshotPlan {
  readonly rounds: number
  /** How long KSM may take to merge what is mergeable. */
  readonly mergeTimeoutMs: number
}

/** The lab restores KSM's settings when it goes down. */
export async function measureSnapshot(lab: BenchLab, plan: SnapshotPlan): Promise<SnapshotFigures> {
  const bench = (args: string) => lab.helper(`bench-snapshot ${args}`, snapshotBench)
  unmergeAll()
  const single = await bench('--rounds 1 --scan-only')
  const first = await bench(`--rounds ${plan.rounds}`)
  await mergeAll(plan.mergeTimeoutMs)
  const merged = await bench(`--rounds ${plan.rounds} --scan-only`)
  return { ...figuresOf(first, single, merged), raw: { first, single, merged } }
}

function figuresOf(
  first: SnapshotBench,
  single: SnapshotBench,
  merged: SnapshotBench,
): Omit<SnapshotFigures, 'raw'> {
  const ramBytes = first.presentPages * PAGE
  const perPage = (pass: z.infer<typeof timed> | undefined) =>
    pass === undefined || pass.pages === 0 ? Number.NaN : pass.cpuSeconds / pass.pages
  const speed = (pass: z.infer<typeof timed> | undefined) => PAGE / perPage(pass) / 1e9
  const scanCpu = (bench: SnapshotBench) => median(bench.rounds.map(({ scan }) => perPage(scan)))
  return {
    guests: first.guests,
    ramGiB: ramBytes / 2 ** 30,
    copyGBps: median(first.rounds.map(({ copy }) => speed(copy))),
    scanGBps: median(first.rounds.map(({ scan }) => speed(scan))),
    scanToCopy: median(first.rounds.map(({ copy, scan }) => perPage(copy) / perPage(scan))),
    imagesToCopy: median(first.rounds.map(({ copy, images }) => perPage(copy) / perPage(images))),
    repeatToFirst: scanCpu(merged) / scanCpu(first),
    repeatHashedRatio: median(
      merged.rounds.map(({ scan }) => scan.hashedPages / Math.max(1, merged.presentPages)),
    ),
    memoryMiBPerGiB: ((single.peakRssBytes - single.rssBeforeBytes) / ramBytes) * 1024,
  }
}

const KSM = '/sys/kernel/mm/ksm'

function unmergeAll(): void {
  writeFileSync(`${KSM}/run`, '2')
}

/** Until two looks a second apart see nothing new merged. */
async function mergeAll(timeoutMs: number): Promise<void> {
  writeFileSync(`${KSM}/pages_to_scan`, '20000')
  writeFileSync(`${KSM}/sleep_millisecs`, '10')
  writeFileSync(`${KSM}/run`, '1')
  const deadline = Date.now() + timeoutMs
  let before = -1
  while (Date.now() < deadline) {
    await sleep(1000)
    const sharing = Number(readFileSync(`${KSM}/pages_sharing`, 'utf8'))
    if (sharing > 0 && sharing === before) break
    before = sharing
  }
  writeFileSync(`${KSM}/run`, '0')
}

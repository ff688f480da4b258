// Benchmark 2: a scrub by content beside evicting everything, by what each evicts and what it costs.
import { assessment } from '../../src/shared/contract/assessment.ts'
import { scrubResult } from '../../src/shared/contract/page-cache.ts'
import { medianOf } from '../../src/shared/statistics/median.ts'
import { dropCache } from '../beds/lab/images.ts'
import { runOk } from '../beds/lab/run.ts'
import { type BenchLab, upBenchLab } from './bench-lab.ts'
import type { BenchOptions, Measured, Section } from './section.ts'

export const scrubSection: Section = { name: 'scrub', title: '2. Scrub', measure }

const methods = ['scrub', 'vmtouch -e', 'DONTNEED'] as const
type Method = (typeof methods)[number]

export interface ScrubRun {
  readonly method: Method
  readonly beforeBytes: number
  readonly afterBytes: number
  /** Evicted although no guest held it. */
  readonly lostBytes: number
  readonly seconds: number
  /** Only the helper tells: guests' memory and images read and hashed, and the CPU time of all of it. */
  readonly hashedBytes?: number
  readonly cpuSeconds?: number
}

async function measure({ rounds, say }: BenchOptions): Promise<Measured> {
  const guests = [{ warm: false }, { warm: false }]
  const lab = await upBenchLab({ hosts: [{ kind: 'plain', guests }], ownMiB: 256 }, say)
  try {
    const runs = await measureScrubs(lab, rounds)
    return { text: formatScrub(runs), raw: runs }
  } finally {
    await lab.down()
  }
}

/** Guests hold what they have read: half of their own files. The host's cache holds their whole images. */
export async function measureScrubs(lab: BenchLab, rounds: number): Promise<ScrubRun[]> {
  const runs: ScrubRun[] = []
  for (const guest of lab.host.guests) await guest.command('read files/own/big.bin')
  for (let round = 0; round < rounds; round += 1)
    for (const method of methods) runs.push(await measureOnce(lab, method))
  return runs
}

async function measureOnce(lab: BenchLab, method: Method): Promise<ScrubRun> {
  await dropCache(lab.images)
  await runOk('sh', ['-c', 'cat "$@" >/dev/null', 'sh', ...lab.images])
  const before = await measureCache(lab)
  const from = performance.now()
  const cost = await evict(lab, method)
  const seconds = (performance.now() - from) / 1000
  const after = await measureCache(lab)
  return {
    method,
    beforeBytes: before.bytes,
    afterBytes: after.bytes,
    lostBytes: Math.max(0, before.uniqueBytes - after.uniqueBytes),
    seconds: Number(seconds.toFixed(3)),
    ...cost,
  }
}

async function measureCache(lab: BenchLab) {
  const { imageCacheBytes, doubleCachedBytes } = (await lab.helper('assess', assessment)).totals
  return { bytes: imageCacheBytes, uniqueBytes: imageCacheBytes - doubleCachedBytes }
}

async function evict(lab: BenchLab, method: Method) {
  if (method === 'scrub') {
    const { hashedBytes, cpuSeconds } = (await lab.helper('scrub', scrubResult)).cost
    return { hashedBytes, cpuSeconds }
  }
  if (method === 'vmtouch -e') await runOk('vmtouch', ['-q', '-e', ...lab.images])
  else await dropCache(lab.images)
  return {}
}

export function formatScrub(runs: readonly ScrubRun[]): string {
  const of = (method: Method, pick: (run: ScrubRun) => number | undefined) =>
    medianOf(runs.filter((run) => run.method === method).map((run) => pick(run) ?? Number.NaN))
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`
  const row = (method: Method, name: string) =>
    `| ${name} | ${mib(of(method, (run) => run.beforeBytes))} | ${mib(of(method, (run) => run.afterBytes))} | ` +
    `${mib(of(method, (run) => run.lostBytes))} | ${of(method, (run) => run.seconds).toFixed(2)} s |`
  const speed = of('scrub', (run) => (run.hashedBytes ?? Number.NaN) / (run.cpuSeconds ?? Number.NaN) / 1e9)
  return `
Two guests have read half of their own files; the host's cache holds their whole images. Medians of
${runs.length / methods.length} interleaved rounds. *Lost*: evicted although no guest held it, so that the next read
goes to storage.

| method | host cache before | after | lost | time |
|---|---|---|---|---|
${row('scrub', 'ours: `singleton-helper scrub`')}
${row('vmtouch -e', '`vmtouch -e` of the images')}
${row('DONTNEED', 'DONTNEED of everything (`dd iflag=nocache`)')}

The scrub reads guests' memory and the cached pages, and classifies ${speed.toFixed(2)} GB a CPU second, its start
and the reading of /proc included.
`
}

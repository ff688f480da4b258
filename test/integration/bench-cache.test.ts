// Short runs of the page-cache benchmarks on real guests: what they measure is there and adds up.
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ensureHelper } from '../../scripts/built-parts.mjs'
import { isRoot } from '../beds/is-root.ts'
import type { LabOptions } from '../beds/lab/lab.ts'
import { type BenchLab, upBenchLab } from '../bench/bench-lab.ts'
import { formatScrub, measureScrubs } from '../bench/scrub-section.ts'
import { clonesLab, fullClones, runClones } from '../bench/suite/clones.ts'
import { formatSuite } from '../bench/suite/format-suite.ts'
import { fullPair, pairLab, runPair } from '../bench/suite/pair.ts'

if (!isRoot) console.warn('skipped: the smoke run of the page-cache benchmarks needs root for its guests')

const MiB = 2 ** 20
const quiet = () => undefined

describe.skipIf(!isRoot)('the page-cache benchmarks', () => {
  let lab: BenchLab | undefined

  beforeAll(() => ensureHelper(dirname(dirname(import.meta.dirname)), process.execPath, process.env))
  afterEach(async () => {
    await lab?.down()
    lab = undefined
  })

  async function up(options: LabOptions): Promise<BenchLab> {
    const dir = mkdtempSync(join(tmpdir(), 'singleton-cache-'))
    rmdirSync(dir)
    lab = await upBenchLab({ ...options, dir }, quiet)
    return lab
  }

  it('a scrub keeps what no guest holds, evicting everything does not', async () => {
    const guests = [{ warm: false }]
    const runs = await measureScrubs(
      await up({ hosts: [{ kind: 'plain', guests }], commonMiB: 8, ownMiB: 64 }),
      1,
    )
    const [ours, vmtouch, dontneed] = runs
    for (const run of runs) expect(run.beforeBytes).toBeGreaterThan(64 * MiB)
    expect(ours?.lostBytes).toBeLessThan(4 * MiB)
    expect(ours?.afterBytes).toBeLessThan((ours?.beforeBytes ?? 0) - 24 * MiB)
    for (const run of [vmtouch, dontneed]) expect(run?.lostBytes).toBeGreaterThan(24 * MiB)
    expect(formatScrub(runs)).not.toMatch(/NaN|undefined/)
  })

  it('the suite runs a reader alone, beside a stream, writing and idle, under adaptive', async () => {
    const plan = {
      ...fullPair,
      ownMiB: 96,
      readMiB: 40,
      heldMiB: 8,
      limitMiB: 720,
      settleSeconds: 2,
      measureSeconds: 2,
      streamRate: '20m',
    }
    const workloads = ['a', 'b', 'e', 'f'] as const
    const start = { everySeconds: 5, seed: 1, workloads }
    const runs = await runPair(await up(pairLab(plan)), plan, 'adaptive', start)
    expect(runs.map(({ workload }) => workload)).toEqual(['a', 'b', 'e', 'f'])
    for (const run of runs) {
      expect(run.iops).toBeGreaterThan(0)
      expect(run.cacheMiB).toBeGreaterThan(0)
    }
    // Counted in ticks of 10 ms: a quiet workload of 2 s may be below one.
    expect(Math.max(...runs.map(({ helperCpu }) => helperCpu))).toBeGreaterThan(0)
    expect(runs[1]?.otherMBps).toBeGreaterThan(0)
    expect(formatSuite(runs)).toContain('beside a streaming guest')
  })

  it('the suite boots and reads clones', async () => {
    const plan = {
      ...fullClones,
      clones: 2,
      commonMiB: 24,
      limitMiB: 800,
      settleSeconds: 1,
      measureSeconds: 2,
      bootStorms: 1,
    }
    const runs = await runClones(await up(clonesLab(plan)), plan, 'none', { everySeconds: 5, seed: 1 })
    expect(runs.map(({ workload }) => workload)).toEqual(['c', 'd'])
    for (const run of runs) expect(run.iops).toBeGreaterThan(0)
  })
})

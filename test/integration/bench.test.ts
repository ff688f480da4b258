import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureHelper } from '../../scripts/built-parts.mjs'
import { isRoot } from '../beds/is-root.ts'
import { hasKsmtuned } from '../beds/lab/ksmtuned.ts'
import { type BenchLab, upBenchLab } from '../bench/bench-lab.ts'
import { measureKsm } from '../bench/ksm.ts'
import { ksmtuned, ours } from '../bench/ksm-contenders.ts'
import { formatKsm } from '../bench/ksm-section.ts'
import { describeMachine } from '../bench/machine.ts'
import { replaceSection } from '../bench/report.ts'
import { measureRepeat, measureSnapshot, measureThreads } from '../bench/snapshot.ts'
import { formatSnapshot } from '../bench/snapshot-section.ts'

if (!isRoot) console.warn('skipped: the smoke run of the benchmarks needs root for its guests')

describe.skipIf(!isRoot)('the benchmarks', () => {
  let lab: BenchLab | undefined

  beforeAll(async () => {
    await ensureHelper(dirname(dirname(import.meta.dirname)), process.execPath, process.env)
    const dir = mkdtempSync(join(tmpdir(), 'singleton-bench-'))
    rmdirSync(dir)
    const hosts = [{ guests: 2 }]
    lab = await upBenchLab({ dir, hosts, commonMiB: 24, ownMiB: 8 }, () => undefined)
  })

  afterAll(() => lab?.down())

  it('measure snapshots, also of merged guests, and write a report', async () => {
    if (lab === undefined) throw new Error('no lab')
    const snapshot = await measureSnapshot(lab, 1)
    const threads = await measureThreads(lab, 1)
    const repeat = await measureRepeat(lab, 1, 10_000)
    expect(snapshot.guests).toBe(2)
    for (const ratio of [
      snapshot.scanToCopy,
      snapshot.imagesToCopy,
      snapshot.knownToCopy,
      snapshot.cachedReadToCopy,
      threads.twoThreads,
      threads.twoHelpers,
      repeat.repeatToFirst,
    ]) {
      expect(ratio).toBeGreaterThan(0)
    }
    // What KSM has merged is not read again.
    expect(repeat.hashedRatio).toBeLessThan(1 - repeat.mergedRatio + 0.05)
    const report = replaceSection(
      undefined,
      {
        section: { name: 'snapshot', title: '1. Snapshot' },
        measured: { text: formatSnapshot(snapshot, threads, repeat), raw: snapshot.raw },
        machine: describeMachine(),
        command: 'npm run bench -- snapshot',
      },
      ['snapshot'],
    )
    expect(report).toContain('of copy only')
    expect(report).not.toMatch(/NaN|undefined/)
  })

  it('measure KSM under two governors, and what each brought', async () => {
    if (lab === undefined) throw new Error('no lab')
    // Stock and the kernel's advisor take minutes.
    const contenders = [ours, ...(hasKsmtuned() ? [ksmtuned] : [])].map((contender) => ({
      ...contender,
      // How much is used then is the benchmark's to say.
      ...{ steadySeconds: 2, settleSeconds: 0 },
    }))
    const trials = await measureKsm(lab, contenders, {
      rounds: 1,
      warmUp: ours,
      timeoutSeconds: 25,
      say: () => undefined,
    })
    expect(trials.map(({ contender }) => contender)).toEqual(contenders.map(({ name }) => name))
    for (const { potentialPages, end, steady } of trials) {
      expect(potentialPages).toBeGreaterThan(1000)
      expect(end.ksmdCpuSeconds).toBeGreaterThan(0)
      // What share is reached is the benchmark's to say; zero pages of split huge pages are not counted here.
      expect(end.mergedPages).toBeGreaterThan(0.5 * potentialPages)
      expect(steady.seconds).toBeGreaterThanOrEqual(2)
    }
    const text = formatKsm(trials)
    expect(text).toContain('| ours |')
    expect(text).not.toMatch(/NaN|undefined/)
  })
})

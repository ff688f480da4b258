// The wall clock of the helper's host, and of the workbench's, steps by an hour while they run: nothing differs
// afterwards but the labels. Monotonic clocks are left alone, as a real step leaves them.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { desktopContract, type HostView, sample, series } from '../../src/shared/contract/index.ts'
import { makeSteppedClock, type SteppedClock } from '../beds/clock/stepped-clock.ts'
import type { Report } from '../beds/clock/workbench-main.ts'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import { HelperSession } from '../beds/engine/helper-session.ts'

const hourSeconds = 3600
let helper: string
let clock: SteppedClock
beforeAll(() => {
  helper = buildHelper()
  clock = makeSteppedClock()
})
afterAll(() => clock.remove())

describe('the helper, its clock stepping', () => {
  it('gives samples whose own clock goes on, and labels that step', async () => {
    const session = new HelperSession(helper, ['--read-only'], {
      PATH: process.env.PATH,
      ...clock.environment,
    })
    const take = async () => sample.parse((await session.call('sample')).result)
    try {
      const first = await take()
      for (const ahead of [hourSeconds, -hourSeconds]) {
        clock.set(ahead)
        const next = await take()
        expect((next.at - Date.now()) / 1000 / ahead).toBeCloseTo(1, 1)
        const elapsed = next.monotonicSeconds - first.monotonicSeconds
        expect(elapsed).toBeGreaterThan(0)
        expect(elapsed).toBeLessThan(hourSeconds / 10)
        expect(next.helper.cpuSeconds).toBeGreaterThanOrEqual(first.helper.cpuSeconds)
      }
    } finally {
      clock.set(0)
      session.child.kill()
      await session.ended
    }
  })
})

describe('the workbench, its clock stepping', () => {
  it('goes on sampling and showing this host, and says how far apart the clocks are', async () => {
    const home = mkdtempSync(join(tmpdir(), 'singleton-clock-home-'))
    const bed = join(import.meta.dirname, '../beds/clock/workbench-main.ts')
    const workbench = spawn(process.execPath, [bed, home], {
      env: { ...process.env, ...clock.environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: workbench.stdout })[Symbol.asyncIterator]()
    const ask = async () => {
      workbench.stdin.write('\n')
      return readReport((await lines.next()).value ?? '')
    }
    try {
      await expect.poll(async () => (await ask()).samples, { timeout: 60_000 }).toBeGreaterThan(2)
      for (const ahead of [hourSeconds, -hourSeconds, 0]) {
        clock.set(ahead)
        // A helper started by this workbench has an environment of its own, so its clock stays as it was.
        const gap = async () => Math.round(((await ask()).view.clockAheadSeconds ?? 1) + ahead)
        await expect.poll(gap, { timeout: 60_000 }).toBeCloseTo(0)
        await expect.poll(async () => (await ask()).samples, { timeout: 60_000 }).toBeGreaterThan(1)
        const { view, log } = await ask()
        expect(view.connection.state).toBe('connected')
        expect(view.problem).toBeUndefined()
        expect(view.cpuRatio).toBeGreaterThanOrEqual(0)
        expect(view.cpuRatio).toBeLessThan(5)
        expect(log.filter((text) => text.includes('cannot'))).toEqual([])
      }
    } finally {
      clock.set(0)
      workbench.stdin.end()
      await new Promise((resolve) => workbench.once('close', resolve))
      rmSync(home, { recursive: true })
    }
  }, 400_000)
})

/** As a screen gets it: parsed by the contract. */
function readReport(line: string): { view: HostView; samples: number; log: readonly string[] } {
  const report = JSON.parse(line) as Report
  const { hosts } = desktopContract['fleet/list'].result.parse(report.fleet)
  const [view] = hosts
  if (!view) throw new Error('the host is missing from the fleet')
  return { view, samples: series.parse(report.series).at.length, log: report.log }
}

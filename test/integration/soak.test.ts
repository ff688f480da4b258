// A short soak: the long one is `npm run soak`.
import { dirname } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ensureHelper } from '../../scripts/built-parts.mjs'
import { isRoot } from '../beds/is-root.ts'
import { readKsmSettings } from '../beds/lab/ksm-settings.ts'
import { describeGrowth, GROWTH_BOUND_MIB, type MemorySample, measureTrend } from '../soak/memory-trend.ts'
import { soak } from '../soak/soak.ts'
import { formatSoak } from '../soak/soak-report.ts'

// As few samples as a trend is made of.
const samples = 51
const tickMs = 250

describe.skipIf(!isRoot)('a soak', () => {
  beforeAll(() => ensureHelper(dirname(dirname(import.meta.dirname)), process.execPath, process.env))

  it('has guests come and go beside both helpers, and finds KSM as it was', async () => {
    const found = readKsmSettings()
    const result = await soak({
      staying: 'none',
      minutes: (samples * tickMs) / 60_000,
      tickMs,
      withKsm: true,
      say: (line) => console.log(line),
    })
    expect(result.failures).toEqual([])
    expect(readKsmSettings()).toEqual(found)
    expect(result.guestsStarted).toBeGreaterThan(3)
    expect(result.guestsEnded).toBeGreaterThan(0)
    for (const count of [result.samples, result.assessments, result.plans, result.rounds])
      expect(count).toBeGreaterThan(0)
    for (const trend of [result.serve, result.govern]) {
      // So short a run tells no slope; helpers in trouble would be far beyond this.
      expect(trend.largestMiB).toBeLessThan(300)
    }
    const { text } = formatSoak(result)
    console.log(text)
    expect(text).toContain('MiB/h')
    expect(text).not.toMatch(/NaN|undefined/)
  }, 300_000)
})

describe('the trend of memory', () => {
  const MIB = 2 ** 20
  const series = (mibAt: (hours: number, index: number) => number): MemorySample[] =>
    Array.from({ length: 1800 }, (_, index) => ({ seconds: index, bytes: mibAt(index / 3600, index) * MIB }))

  it('is found within its margin, and told from noise', () => {
    const wavy = measureTrend(series((hours, index) => 60 + 100 * hours + 5 * Math.sin(index / 7)))
    expect(Math.abs(wavy.slopeMiBPerHour - 100)).toBeLessThanOrEqual(wavy.marginMiBPerHour + 1)
    expect(describeGrowth(wavy)).toMatch(/memory/)
    const flat = measureTrend(series((_, index) => 60 + ((index * 7919) % 13)))
    expect(Math.abs(flat.slopeMiBPerHour)).toBeLessThanOrEqual(flat.marginMiBPerHour + 1)
    expect(describeGrowth(flat)).toBeUndefined()
  })

  it('leaves the warm-up out, and sees a late jump', () => {
    const warming = measureTrend(series((_, index) => 60 + Math.min(index, 300) / 10))
    expect(warming.slopeMiBPerHour).toBe(0)
    const jump = measureTrend(series((_, index) => (index < 1400 ? 60 : 60 + 2 * GROWTH_BOUND_MIB)))
    expect(describeGrowth(jump)).toMatch(/went from 60/)
  })

  it('needs samples enough', () => {
    expect(() => measureTrend([])).toThrow('too few')
  })
})

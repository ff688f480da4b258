import { describe, expect, it } from 'vitest'
import { formatDensity } from './format-density.ts'
import { type DensityTrial, keptMeasurements } from './measurements.ts'
import { percentile } from './service.ts'

const plan = { limitMiB: 1300, ramMiB: 256, commonMiB: 120, ownMiB: 8, mostGuests: 18, stepSeconds: 30 }
const step = {
  ...{ guests: 1, p95Ms: 20, lost: 0, pressureRatio: 0, usedMiB: 100, mergedMiB: 0 },
  mergedAfterSeconds: Number.NaN,
}
const trial = (contender: string, carried: number, foreseen: number): DensityTrial => ({
  ...{ contender, round: 1, carried, tripped: 'a reason', halfP95Ms: 20, fullP95Ms: 21, cpuPerGuest: 0.05 },
  steps: Array.from({ length: carried }, (_, at) => ({ ...step, guests: at + 1, mergedAfterSeconds: at })),
  forecast: {
    askedAt: 3,
    now: { best: foreseen, low: 1, high: 9 },
    policy: { best: foreseen, low: 1, high: 9 },
  },
})

describe('the report on guests carried', () => {
  const text = formatDensity(
    {
      breakBytesPerCoreSecond: 2 ** 30,
      trials: [trial('kernel alone', 5, 6), trial('stock', 7, 3), trial('ours', 10, 12)],
    },
    plan,
  )

  it('holds each contender against the kernel alone', () => {
    expect(text).toContain('| kernel alone | 5 | 1.00x |')
    expect(text).toContain('| ours | 10 | 2.00x |')
  })

  it('says whether what was foreseen is within one guest or a tenth, and asks it of nobody else', () => {
    expect(text).toContain('| kernel alone, round 1 | 3 | 6 (1 to 9) | 5 | yes |')
    expect(text).toContain('| ours, round 1 | 3 | 12 (1 to 9) | 10 | no |')
    expect(text).not.toContain('| stock, round 1 |')
  })

  it('names the command that measures each contender again', () => {
    expect(text).toContain('`npm run bench -- density --only kernel-alone --rounds 1`')
  })

  it('says why a forecast is missing', () => {
    const { forecast: _, ...unforeseen } = trial('ours', 10, 12)
    const missing = { ...unforeseen, notForeseen: 'cannot foresee: no answer' }
    const shown = formatDensity({ breakBytesPerCoreSecond: 1, trials: [missing] }, plan)
    expect(shown).toContain(
      'No forecast was made.\nNot foreseen with ours, round 1: cannot foresee: no answer.',
    )
  })
})

describe('trials that the report holds', () => {
  const earlier = JSON.parse(
    JSON.stringify({
      breakBytesPerCoreSecond: 5,
      trials: [{ ...trial('kernel alone', 5, 6), fullP95Ms: Number.NaN }, trial('ours', 10, 12)],
    }),
  )
  const kept = (asked: Pick<Parameters<typeof keptMeasurements>[0], 'only' | 'adds'>) =>
    keptMeasurements({ earlier, ...asked }).trials.map(({ contender }) => contender)

  it('stay where they are not measured now or are added to, and go where they are measured anew', () => {
    expect(kept({ only: ['ours'] })).toEqual(['kernel alone'])
    expect(kept({ only: ['ours'], adds: true })).toEqual(['kernel alone', 'ours'])
    expect(kept({})).toEqual([])
  })

  it('have a figure that is none where it was not measured', () => {
    expect(keptMeasurements({ earlier, only: ['ours'] }).trials[0]?.fullP95Ms).toBeNaN()
  })
})

describe('percentile', () => {
  it.each([
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.95, 10],
    [[3, 1, 2], 0.5, 2],
    [[7], 0.95, 7],
    [[], 0.95, Number.NaN],
  ])('of %j at %s is %s', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected)
  })
})

// What the density benchmark keeps, and which of it stays when only some contenders are measured anew.
import { z } from 'zod'
import type { BenchOptions } from '../section.ts'

/** JSON has no NaN: a figure that was not measured is null there. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)

const step = z.object({
  guests: z.number(),
  p95Ms: figure,
  lost: z.number(),
  pressureRatio: figure,
  /** Used of the limit, without page cache. */
  usedMiB: figure,
  mergedMiB: figure,
  /** From the boot of the newest guest until nine tenths of what it added to the merged pages within the step. */
  mergedAfterSeconds: figure,
})
export type Step = z.infer<typeof step>

const foreseen = z.object({ best: z.number(), low: z.number(), high: z.number() })
export type Foreseen = z.infer<typeof foreseen>

/** Guests that the workbench foresaw in all, asked when `askedAt` of them ran. */
const forecast = z.object({ askedAt: z.number(), now: foreseen, policy: foreseen })
export type Forecast = z.infer<typeof forecast>

const densityTrial = z.object({
  contender: z.string(),
  round: z.number(),
  carried: z.number(),
  /** Why the next one was not. */
  tripped: z.string(),
  /** With half as many guests, and with all that were carried. */
  halfP95Ms: figure,
  fullP95Ms: figure,
  /** Guests' processes, ksmd and helper together, of one core, over the last step that was carried, by guest. */
  cpuPerGuest: figure,
  steps: z.array(step),
  forecast: forecast.optional(),
  /** Why there is no forecast although one was asked for. */
  notForeseen: z.string().optional(),
})
export type DensityTrial = z.infer<typeof densityTrial>

const measurements = z.object({
  /** How fast one processor breaks merged pages. */
  breakBytesPerCoreSecond: z.number(),
  trials: z.array(densityTrial),
})
export type Measurements = z.infer<typeof measurements>

/** Of contenders that are not measured now, or that are added to. Throws where the report holds something else. */
export function keptMeasurements({
  earlier,
  adds,
  only,
}: Pick<BenchOptions, 'earlier' | 'adds' | 'only'>): Partial<Measurements> & Pick<Measurements, 'trials'> {
  if (earlier === undefined) return { trials: [] }
  const { breakBytesPerCoreSecond, trials } = measurements.parse(earlier)
  const stays = (contender: string) => adds === true || !(only?.includes(optionOf(contender)) ?? true)
  return { breakBytesPerCoreSecond, trials: trials.filter(({ contender }) => stays(contender)) }
}

/** A contender as `--only` names it. */
export function optionOf(contender: string): string {
  return contender.replaceAll(' ', '-')
}

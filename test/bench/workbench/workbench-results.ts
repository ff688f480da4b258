// The raw results of the benchmark of the workbench, and what of earlier ones stays in the report.
import { z } from 'zod'
import { askedParts } from '../only-parts.ts'
import type { BenchOptions } from '../section.ts'

export const sizes = ['100', '500'] as const
/** By the names of `--only`. */
export const workbenchParts = [...sizes, 'memory'] as const
export type WorkbenchPart = (typeof workbenchParts)[number]

const measuredSize = z.object({
  firstPaintMs: z.array(z.number()),
  fleetShownMs: z.array(z.number()),
  assessmentShownMs: z.array(z.number()),
  scrollFramesPerSecond: z.number(),
  hoverFramesPerSecond: z.number(),
  mainCpuRatio: z.number(),
})
export type MeasuredSize = z.infer<typeof measuredSize>

const workbenchResults = z.object({
  historyBytesPerHost: z.number().optional(),
  sizes: z.object({ 100: measuredSize.optional(), 500: measuredSize.optional() }),
  memory: z
    .object({
      minutes: z.number(),
      slopeMiBPerHour: z.number(),
      marginMiBPerHour: z.number(),
      firstMiB: z.number(),
      lastMiB: z.number(),
      largestMiB: z.number(),
    })
    .optional(),
})
export type WorkbenchResults = z.infer<typeof workbenchResults>

/** Parts that are not measured now stay as the report has them; results of an older form are dropped. */
export function keptResults(earlier: unknown): WorkbenchResults {
  return workbenchResults.safeParse(earlier).data ?? { sizes: {} }
}

/** Throws where one is asked for that there is not. */
export function partsOf({ only }: Pick<BenchOptions, 'only'>): WorkbenchPart[] {
  return askedParts(only, workbenchParts)
}

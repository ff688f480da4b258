// One quantity on several hosts over the same slots of time, from history.
import { z } from 'zod'
import { hostId } from './hosts.ts'
import { metricName, metricNames } from './metrics.ts'
import { bytes, count, figure, instant } from './quantity.ts'

/** host: as it is. gib: for each GiB of the guests' RAM. baseline: relative to the host's own first tenth of its history in the range. */
export const comparisonPer = z.enum(['host', 'gib', 'baseline'])
export type ComparisonPer = z.infer<typeof comparisonPer>

export const maxComparedHosts = 500
const maxSlots = 240

export const comparisonOrder = z.object({
  hostIds: z.array(hostId).min(1).max(maxComparedHosts),
  metric: metricName,
  from: instant,
  to: instant,
  slots: count.min(2).max(maxSlots),
})
export type ComparisonOrder = z.infer<typeof comparisonOrder>

const comparedHost = z.object({
  hostId,
  /** Means over the slots; null where nothing was reported. */
  values: z.array(figure.nullable()).max(maxSlots),
  /** Over the whole range, and over the first and the last tenth of what is recorded of it. Absent: nothing was reported. */
  mean: figure.optional(),
  first: figure.optional(),
  last: figure.optional(),
  /** RAM of the guests at the last assessment. Absent: it was not assessed. */
  guestRamBytes: bytes.optional(),
})
export type ComparedHost = z.infer<typeof comparedHost>

export const comparedMeans = z.object({
  at: z.array(instant).max(maxSlots),
  hosts: z.array(comparedHost).max(maxComparedHosts),
})
export type ComparedMeans = z.infer<typeof comparedMeans>

const span = z.object({ from: instant, to: instant })

/** Two spans of time of one host. */
export const spansOrder = z.object({ hostId, before: span, after: span })

/** Means of every quantity over both spans, in the order of `metricNames`. Absent: nothing was reported then. */
export const comparedSpans = z.object({
  figures: z
    .array(z.object({ metric: metricName, before: figure.optional(), after: figure.optional() }))
    .max(metricNames.length),
})
export type ComparedSpans = z.infer<typeof comparedSpans>

// The forecast across hosts: which guests would share pages if they lived on one host. Each helper draws a sample of the
// contents of its guests, keyed by a salt that main draws for this one question. Neither is ever stored.
import { z } from 'zod'
import { most } from './bounded.ts'
import { hostId } from './hosts.ts'
import { bytes, count, name, pid } from './quantity.ts'

export const maxForecastHosts = 32

/** Bytes within 95 % bounds; all three are equal where every content was compared. */
const estimate = z.object({ bytes: z.number().int(), low: z.number().int(), high: z.number().int() })
export type ForecastEstimate = z.infer<typeof estimate>

export const forecastOrder = z.object({ hostIds: z.array(hostId).min(2).max(maxForecastHosts) })

export const forecast = z.object({
  hosts: z.array(z.object({ hostId, name, guests: count, sampledGuests: count })).max(maxForecastHosts),
  /** What one host would save beyond what each could alone if all guests of both lived there. a before b. */
  pairs: z
    .array(z.object({ a: hostId, b: hostId, won: estimate }))
    .max((maxForecastHosts * (maxForecastHosts - 1)) / 2),
  /** Best first. Won: shared with the guests of `to`, less what it shares where it is now. */
  moves: z
    .array(
      z.object({
        guest: name,
        pid,
        from: hostId,
        to: hostId,
        won: estimate,
        residentBytes: bytes,
        /** Memory is available for it there. Absent: not known. */
        fits: z.boolean().optional(),
      }),
    )
    .max(1000),
  notes: z.array(z.string().max(1024)).max(most.notes),
})
export type Forecast = z.infer<typeof forecast>

/** What is asked before a forecast is made, on every screen and on the command line. */
export const forecastQuestion =
  'A forecast reads the RAM of all guests on these hosts and sends this workbench a sample of keyed 64-bit hashes of their pages. The key is drawn for this one question and, like the samples, is never stored. While it runs, this workbench can tell which guests hold the same contents, and could tell whether a guest holds a content that is known to it.'

// What the workbench keeps on its own machine: where it lies, how much it is, and for how long history is kept.
import { z } from 'zod'
import { bytes, count, path, seconds } from './quantity.ts'

/** Files and folders of the data folder that hold what was kept, in the order in which screens list them. */
export const keptPlaces = [
  'hosts.json',
  'history.sqlite',
  'audit.jsonl',
  'policies.json',
  'rollouts.json',
  'experiments',
  'reports.json',
  'report-templates.json',
  'choices.json',
  'secrets.json',
  'updates.json',
  'window.json',
  'logs',
] as const
export type KeptPlace = (typeof keptPlaces)[number]

const historyRetention = z.object({
  /** The finest first. */
  levels: z
    .array(
      z.object({
        /** There is a value for each such step. Absent: for each sample. */
        stepSeconds: seconds.optional(),
        keptSeconds: seconds,
      }),
    )
    .max(16),
  /** Of assessments, scrubs and marks. */
  eventsKeptSeconds: seconds,
})
export type HistoryRetention = z.infer<typeof historyRetention>

export const keptData = z.object({
  folder: path,
  places: z
    .array(
      z.object({
        place: z.enum(keptPlaces),
        /** With all that is in a folder. Absent: it cannot be read. */
        bytes: bytes.optional(),
      }),
    )
    .max(keptPlaces.length),
  /** Damaged files that were set aside, to be looked at or deleted by hand. Absent: there are none. */
  setAside: z.object({ files: count, bytes }).optional(),
  history: historyRetention,
})
export type KeptData = z.infer<typeof keptData>

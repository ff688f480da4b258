// Marks: what happened on a host at one instant, for the time axis of charts.
import { z } from 'zod'
import { most } from './bounded.ts'
import { instant } from './quantity.ts'

const markKind = z.enum([
  'assessment',
  'scrub',
  /** KSM began or ended to scan. */
  'burst',
  'policy',
  'experiment',
  /** The workbench's own, to the host. */
  'connection',
  /** A guest started or ended. */
  'guest',
  /** An act of this workbench that has no kind of its own: settings of KSM, a guest's merging, the service, the mode. */
  'change',
  /** Of the machine itself: it booted. */
  'host',
])

const mark = z.object({
  /** By the workbench's clock. */
  at: instant,
  kind: markKind,
  /** What happened, for people. */
  text: z.string().max(512),
})
export type Mark = z.infer<typeof mark>

export const marks = z.array(mark).max(most.marks)

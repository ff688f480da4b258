// Scalars shared by all domains. The unit is in the field's name, so these only say what kind of number it is.
import { z } from 'zod'
import { problemSchema } from '../problem.ts'

/** Whole bytes, up to 2^53. */
export const bytes = z.number().int().nonnegative()
/** Bytes that may be negative (net profit). */
export const signedBytes = z.number().int()
export const count = z.number().int().nonnegative()
export const seconds = z.number().nonnegative()
/** 0 to 1. */
export const ratio = z.number().min(0).max(1)
/** Milliseconds since the epoch, on the clock of the process that wrote it. */
export const instant = z.number().nonnegative()
export const pid = z.number().int().positive()
export const path = z.string().min(1).max(4096)
export const name = z.string().max(512)

/** An item that could not be read, beside the results that could. */
export const unreadable = z.object({ path, problem: problemSchema })
export type Unreadable = z.infer<typeof unreadable>

/** A reason why something cannot be merged or scrubbed. The code is for screens, the text for people. */
export const reasonCodes = [
  'mem-merge-off',
  'shared-ram',
  'hugetlb-ram',
  'file-backed-ram',
  'huge-pages',
  'misaligned-content',
  'direct-io',
  'not-page-cache',
  'excluded-by-policy',
  'another-governor',
  'opened-by-another-process',
  'not-readable',
] as const
export const reason = z.object({ code: z.enum(reasonCodes), text: z.string().max(1024) })
export type Reason = z.infer<typeof reason>

/** Progress of a long method. `fraction` is absent while the total is not known. */
export const progress = z.object({
  step: z.string().max(256),
  fraction: ratio.optional(),
  detail: z.string().max(512).optional(),
})
export type Progress = z.infer<typeof progress>

/** What a measurement or a change cost on the host. */
export const cost = z.object({
  wallSeconds: seconds,
  cpuSeconds: seconds,
  hashedBytes: bytes,
  peakRssBytes: bytes,
})
export type Cost = z.infer<typeof cost>

// Scalars shared by all domains. The unit is in the field's name, so these only say what kind of number it is.
import { z } from 'zod'
import { problemSchema } from '../problem.ts'
import { objectOf } from './object-of.ts'

/** Whole bytes, up to 2^53. */
export const bytes = z.number().int().nonnegative()
/** Bytes that may be negative (net profit). */
export const signedBytes = z.number().int()
export const count = z.number().int().nonnegative()
export const seconds = z.number().nonnegative().max(1e10)
/** Events a second. */
export const perSecond = z.number().nonnegative().max(1e12)
/** Any figure in a chart. */
export const figure = z.number().min(-1e18).max(1e18)
/** 0 to 1. */
export const ratio = z.number().min(0).max(1)
/** Milliseconds since the epoch by the wall clock of the process that wrote it, as far as a Date reaches. */
export const instant = z.number().nonnegative().max(8.64e15)
/**
 * When a document or a sample reached the workbench, by the workbench's clock: set by the workbench alone. Hosts' clocks
 * differ, so this is what screens, charts and CSV show. Absent: it never left the host.
 */
export const arrivedAt = instant.optional()
export const pid = z.number().int().positive()
export const path = z.string().min(1).max(4096)
export const name = z.string().max(512)

/** The time that people read, in milliseconds since 1970: of the workbench where there is one, else of the host. */
export function shownTime(document: {
  readonly at: number
  readonly arrivedAt?: number | undefined
}): number {
  return document.arrivedAt ?? document.at
}

/** An item that could not be read, beside the results that could. */
export const unreadable = objectOf(() => ({ path, problem: problemSchema }))
export type Unreadable = z.infer<typeof unreadable>

/** A reason why something cannot be merged or scrubbed. The code is for screens, the text for people. */
const reasonCodes = [
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
  'dirty-unknown',
  'no-local-disk',
] as const
export const reason = objectOf(() => ({ code: z.enum(reasonCodes), text: z.string().max(1024) }))
export type Reason = z.infer<typeof reason>

/** Progress of a long method. `fraction` is absent while the total is not known. */
export const progress = objectOf(() => ({
  step: z.string().max(256),
  fraction: ratio.optional(),
  detail: z.string().max(512).optional(),
}))
export type Progress = z.infer<typeof progress>

/** What a measurement or a change cost on the host. */
export const cost = objectOf(() => ({
  wallSeconds: seconds,
  cpuSeconds: seconds,
  hashedBytes: bytes,
  peakRssBytes: bytes,
}))
export type Cost = z.infer<typeof cost>

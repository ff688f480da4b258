// Reports: hosts compared side by side, exported as HTML, JSON or CSV.
import { z } from 'zod'
import { assessment, machine } from './assessment.ts'
import { most } from './bounded.ts'
import { ksmStatus } from './ksm.ts'
import { scrubResult } from './page-cache.ts'
import { bytes, instant, name, ratio, seconds, signedBytes } from './quantity.ts'

export const reportFormat = z.enum(['html', 'json', 'csv'])
export type ReportFormat = z.infer<typeof reportFormat>

/** One host's part. Absent fields were not measured; the report says so. */
export const reportedHost = z.object({
  name,
  address: name,
  /** Hosts with the same boot id are one machine. */
  machine: machine.optional(),
  baseline: assessment.optional(),
  after: assessment.optional(),
  scrub: scrubResult.optional(),
  ksm: ksmStatus.optional(),
  guestResidentBytes: bytes.optional(),
  mergeableBytes: bytes.optional(),
  /** Between the first and the last assessment; negative where pages were unmerged. */
  mergedBytes: signedBytes.optional(),
  imageCacheBeforeBytes: bytes.optional(),
  imageCacheAfterBytes: bytes.optional(),
  doubleCachedBytes: bytes.optional(),
  hitRatio: ratio.optional(),
  cpuSeconds: seconds.optional(),
  /** Of these, those of ksmd: the machine's, whoever else is on it. */
  ksmdCpuSeconds: seconds.optional(),
  notes: z.array(z.string().max(1024)).max(most.notes),
})
export type ReportedHost = z.infer<typeof reportedHost>

export const report = z.object({
  title: name,
  createdAt: instant,
  version: name,
  hosts: z.array(reportedHost).max(most.hosts),
})
export type Report = z.infer<typeof report>

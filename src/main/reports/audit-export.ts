// The workbench's audit as a file: CSV for a spreadsheet, JSON for programs.

import type { TrailEntry, TrailFormat, TrailQuery } from '../../shared/contract/index.ts'
import { csvOf, guard } from '../../shared/text/csv.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import type { AuditTrail } from '../audit/audit-trail.ts'
import type { RenderedReport } from './report-builder.ts'

const maxEntries = 10_000

/** The trail as a document; cells of CSV cannot become formulas. */
export async function exportTrail(
  trail: AuditTrail,
  { format, ...query }: TrailQuery & { readonly format: TrailFormat },
): Promise<RenderedReport> {
  const entries = await trail.list({ ...query, limit: maxEntries })
  const fileName = `singleton-audit-${new Date(wallClock()).toISOString().slice(0, 10)}.${format}`
  if (format === 'csv') return { fileName, mediaType: 'text/csv', content: trailCsv(entries) }
  return { fileName, mediaType: 'application/json', content: `${JSON.stringify(entries, null, 2)}\n` }
}

const fields = ['host', 'hostId', 'who', 'from', 'action', 'target', 'before', 'after', 'outcome'] as const

/** Pure. Times in UTC; host-given texts are guarded against spreadsheets that run them. */
export function trailCsv(entries: readonly TrailEntry[]): string {
  const rows = entries.map((entry) => [
    new Date(entry.at).toISOString(),
    ...fields.map((field) => guard(entry[field] ?? '')),
  ])
  return csvOf([['at', ...fields], ...rows])
}

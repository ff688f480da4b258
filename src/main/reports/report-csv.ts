// CSV of a report by RFC 4180: one row per host, plain numbers in base units, empty where nothing was measured.
import type { Report } from '../../shared/contract/index.ts'
import { figureOf, reportColumns } from './report-columns.ts'

export function renderCsv(report: Report): string {
  const header = ['host', 'address', 'assessedAt', ...reportColumns.map(({ key }) => key), 'notes']
  const rows = report.hosts.map((host) => [
    guard(host.name),
    guard(host.address),
    host.baseline ? new Date((host.after ?? host.baseline).at).toISOString() : '',
    ...reportColumns.map((column) => String(figureOf(host, column) ?? '')),
    guard(host.notes.join(' ')),
  ])
  return csvOf([header, ...rows])
}

export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(quote).join(',')}\r\n`).join('')
}

/** Spreadsheets run a text that begins like a formula; a leading apostrophe keeps it a text. */
export function guard(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text.trimStart()) || /^[\t\r\n]/.test(text) ? `'${text}` : text
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}

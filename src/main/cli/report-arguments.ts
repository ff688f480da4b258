// What `report` is asked for. Pure.
import { type ReportFormat, reportFormat } from '../../shared/contract/reports.ts'
import { wrong } from './command-words.ts'

export interface ReportCommand {
  readonly kind: 'report'
  readonly out: string
  readonly format: ReportFormat
  readonly rangeMs: number
  /** Without connecting: what the workbench has recorded. */
  readonly recorded: boolean
  /** None: all saved hosts. */
  readonly hosts: readonly string[]
}

interface ReportValues {
  readonly out?: string | undefined
  readonly format?: string | undefined
  readonly range?: string | undefined
  readonly recorded: boolean
}

/** Throws `bad-input` without a file, or where its format is none of ours. */
export function parseReport(hosts: readonly string[], values: ReportValues): ReportCommand {
  const { out, recorded } = values
  if (out === undefined) throw wrong('report needs --out FILE')
  const format = reportFormat.safeParse(values.format ?? /\.([a-z]+)$/.exec(out)?.[1]).data
  if (format === undefined) {
    throw wrong(
      `report needs --format ${reportFormat.options.join('|')}, or a FILE that ends in one of these`,
    )
  }
  return { kind: 'report', out, format, rangeMs: parseRange(values.range ?? '7d'), recorded, hosts }
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const longestDays = 366

/** `90m`, `24h` or `7d`, in milliseconds. */
function parseRange(text: string): number {
  const [, digits, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? []
  const milliseconds = Number(digits) * unitMs[unit as keyof typeof unitMs]
  if (digits === undefined || milliseconds > longestDays * unitMs.d) {
    throw wrong(`"${text}" is not a range: write 90m, 24h or 7d, up to ${longestDays}d`)
  }
  return milliseconds
}

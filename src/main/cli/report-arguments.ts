// What `report` is asked for. Pure.
import { type ReportFormat, reportFormat } from '../../shared/contract/reports.ts'
import { withValue } from '../../shared/with-value.ts'
import { parseRange, wrong } from './command-words.ts'

export interface ReportCommand {
  readonly kind: 'report'
  readonly out: string
  /** Absent: the template's. */
  readonly format?: ReportFormat
  /** Absent: the template's, or a week. */
  readonly rangeMs?: number
  /** Its hosts, range, format and chapters, as far as nothing else was said. */
  readonly template?: string
  /** Without connecting: what the workbench has recorded. */
  readonly recorded: boolean
  /** None: all saved hosts. */
  readonly hosts: readonly string[]
}

interface ReportValues {
  readonly out?: string | undefined
  readonly format?: string | undefined
  readonly range?: string | undefined
  readonly template?: string | undefined
  readonly recorded: boolean
}

/** Throws `bad-input` without a file, or where its format is none of ours. */
export function parseReport(hosts: readonly string[], values: ReportValues): ReportCommand {
  const { out, recorded, template } = values
  if (out === undefined) throw wrong('report needs --out FILE')
  const format = reportFormat.safeParse(values.format ?? /\.([a-z]+)$/.exec(out)?.[1]).data
  if (format === undefined && (template === undefined || values.format !== undefined)) {
    throw wrong(
      `report needs --format ${reportFormat.options.join('|')}, or a FILE that ends in one of these`,
    )
  }
  const rangeMs = values.range === undefined ? undefined : parseRange(values.range)
  return { kind: 'report', out, recorded, hosts, ...withValue({ format, rangeMs, template }) }
}

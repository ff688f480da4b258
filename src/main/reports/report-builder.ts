// Builds a report of some hosts from what the workbench knows about them, in any format.
import type {
  ExportedReport,
  Report,
  ReportedHost,
  ReportFormat,
  ReportOrder,
  ShownExperiment,
  TimeWindow,
} from '../../shared/contract/index.ts'
import { firstOnSameMachine } from '../../shared/figures/one-machine.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import { withValue } from '../../shared/with-value.ts'
import type { Fleet } from '../hosts/fleet.ts'
import { collectHost, type HostSources } from './collect-host.ts'
import { exportExperiment } from './experiment-export.ts'
import type { ExportedReports } from './exported-reports.ts'
import type { PrintPdf } from './print-pdf.ts'
import { reportComparison } from './report-comparison.ts'
import { renderCsv } from './report-csv.ts'
import { collectExperiments, type ExperimentSource } from './report-experiments.ts'
import { renderHtml } from './report-html.ts'
import { reportQuantities } from './report-quantities.ts'

export interface RenderedReport {
  readonly fileName: string
  readonly mediaType: string
  readonly content: string
  /** Absent: the content is text. */
  readonly encoding?: 'base64'
}

export interface ReportBuilder {
  build(order: ReportOrder, context: CallContext): Promise<RenderedReport>
  /** What was exported, newest first. */
  list(): Promise<ExportedReport[]>
  exportExperiment(shown: ShownExperiment, format: ReportFormat, signal: AbortSignal): Promise<RenderedReport>
}

export interface ReportParts extends HostSources {
  readonly fleet: Fleet
  readonly version: string
  readonly printPdf: PrintPdf
  readonly experiments: ExperimentSource
  /** Absent: what was exported is not noted. */
  readonly exported?: ExportedReports
}

const dayMs = 86_400_000
const defaultRangeMs = 7 * dayMs
/** Of the work, before a PDF is printed. */
const collectingShare = 0.8

/** Reports of what is recorded; only the settings of KSM are asked of hosts. */
export function buildReports(parts: ReportParts): ReportBuilder {
  return {
    exportExperiment: (shown, format, signal) => exportExperiment(shown, format, parts, signal),
    build: async (order, context) => {
      const to = order.to ?? wallClock()
      const range = { from: order.from ?? to - defaultRangeMs, to }
      const report = await collect(parts, order, range, context)
      context.reportProgress({ step: `writing ${order.format.toUpperCase()}`, fraction: collectingShare })
      const rendered = await renderReport(report, order.format, parts.printPdf, context.signal)
      await parts.exported?.addReport({ ...order, ...range }, rendered.fileName)
      return rendered
    },
    list: async () => (await parts.exported?.list()) ?? [],
  }
}

async function collect(
  parts: ReportParts,
  { hostIds, compared, title, chapters }: ReportOrder,
  range: TimeWindow,
  context: CallContext,
): Promise<Report> {
  const { signal, reportProgress } = context
  const hosts: ReportedHost[] = []
  for (const [index, id] of hostIds.entries()) {
    signal.throwIfAborted()
    const watched = parts.fleet.find(id)
    reportProgress({
      step: `collecting ${watched.session.host.name}`.slice(0, 256),
      fraction: (index / hostIds.length) * collectingShare,
    })
    hosts.push(await collectHost(watched, range, parts))
  }
  return {
    schemaVersion: 2,
    title: title ?? 'Singleton Workbench report',
    createdAt: wallClock(),
    version: parts.version,
    range,
    ...withValue({ chapters }),
    quantities: [...reportQuantities],
    hosts: noteSameMachines(hosts),
    ...withValue({ experiments: await collectExperiments(parts.experiments, hostIds, range) }),
    ...(compared && {
      comparison: await reportComparison(parts, hostIds, { ...compared, ...range }, context),
    }),
  }
}

/** Throws `not-supported` for PDF where nothing prints. */
export async function renderReport(
  report: Report,
  format: ReportFormat,
  printPdf: PrintPdf,
  signal: AbortSignal,
): Promise<RenderedReport> {
  const fileName = `singleton-report-${new Date(report.createdAt).toISOString().slice(0, 10)}.${format}`
  switch (format) {
    case 'html':
      return { fileName, mediaType: 'text/html', content: renderHtml(report) }
    case 'csv':
      return { fileName, mediaType: 'text/csv', content: renderCsv(report) }
    case 'json':
      return { fileName, mediaType: 'application/json', content: `${JSON.stringify(report, null, 2)}\n` }
    case 'pdf': {
      const pdf = await printPdf(renderHtml(report), signal)
      return { fileName, mediaType: 'application/pdf', content: pdf.toString('base64'), encoding: 'base64' }
    }
  }
}

/** Pure. */
export function noteSameMachines(hosts: readonly ReportedHost[]): ReportedHost[] {
  return hosts.map((host) => {
    const first = firstOnSameMachine(hosts, host)
    if (!first) return host
    const note = `Same machine as ${first.name}: one kernel runs both, and totals count what belongs to it once.`
    return { ...host, notes: [note, ...host.notes] }
  })
}

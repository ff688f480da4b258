// Reports: what was won on hosts, before and after side by side, as a document. resources/report.schema.json is made of `report`.
import { z } from 'zod'
import { assessment, machine } from './assessment.ts'
import { most } from './bounded.ts'
import { capacity } from './capacity.ts'
import { comparisonPer, maxComparedHosts } from './compared-means.ts'
import { comparison, experimentMetrics, maxExperimentHosts, verdict } from './experiments.ts'
import { hostId, hostTag } from './hosts.ts'
import { ksmStatus } from './ksm.ts'
import { metricName } from './metrics.ts'
import { scrubResult } from './page-cache.ts'
import { bytes, count, figure, instant, name, seconds } from './quantity.ts'

export const reportFormat = z.enum(['pdf', 'html', 'json', 'csv'])
export type ReportFormat = z.infer<typeof reportFormat>

/** Points of each chart of a report. */
export const maxReportPoints = 240

const quantityUnit = z.enum(['bytes', 'pages', 'ratio', 'seconds', 'count', 'perSecond'])

/** What is compared: its name, unit and source, once for all hosts. */
const reportedQuantity = z.object({
  key: name,
  title: name,
  unit: quantityUnit,
  /** How it was measured, and how far off it may be. */
  source: z.string().max(1024),
  /** assessment: one moment each. history: means over the windows `before` and `after` of the host. */
  from: z.enum(['assessment', 'history']),
  /** Which way is a gain; absent: neither. */
  better: z.enum(['less', 'more']).optional(),
})
export type ReportedQuantity = z.infer<typeof reportedQuantity>

/** Absent: not measured then. */
const reportedFigure = z.object({
  key: name,
  before: figure.optional(),
  after: figure.optional(),
})
export type ReportedFigure = z.infer<typeof reportedFigure>

const timeWindow = z.object({ from: instant, to: instant })
export type TimeWindow = z.infer<typeof timeWindow>

const reportedMark = z.object({ at: instant, text: z.string().max(1024) })
export type ReportedMark = z.infer<typeof reportedMark>

const values = z.array(figure.nullable()).max(maxReportPoints)

/** Parallel arrays, one slot each; null where nothing was reported. `metrics` by the name of the metric. */
const reportedSeries = z.object({
  at: z.array(instant).max(maxReportPoints),
  metrics: z.record(z.string().max(64), values).meta({ maximum: 256 }),
})
export type ReportedSeries = z.infer<typeof reportedSeries>

/** One host's part. Absent fields were not measured; the report says so. */
const reportedHost = z.object({
  name,
  address: name,
  /** Hosts with the same boot id are one machine. */
  machine: machine.optional(),
  baseline: assessment.optional(),
  after: assessment.optional(),
  scrub: scrubResult.optional(),
  ksm: ksmStatus.optional(),
  /** The last estimate that the workbench made. */
  capacity: capacity.optional(),
  /** Of the helper that measured it. */
  helperVersion: name.optional(),
  /** The times that history's figures before and after are means of. Absent: no history of the range. */
  windows: z.object({ before: timeWindow, after: timeWindow, reason: z.string().max(512) }).optional(),
  figures: z.array(reportedFigure).max(256),
  /** Memory given back between before and after: merged, and evicted from images' cache and not come back. */
  wonBytes: z.number().int().optional(),
  reclaimableBytes: bytes.optional(),
  /** Helper and ksmd over the window `after`, of one core. */
  cpuRatio: figure.nonnegative().optional(),
  cpuSeconds: seconds.optional(),
  /** Of these, those of ksmd: the machine's, whoever else is on it. */
  ksmdCpuSeconds: seconds.optional(),
  series: reportedSeries.optional(),
  /** Changes of the host that this workbench made. */
  marks: z.array(reportedMark).max(most.notes),
  notes: z.array(z.string().max(1024)).max(most.notes),
})
export type ReportedHost = z.infer<typeof reportedHost>

/** One quantity on all hosts, best first; values by the chosen yardstick. */
const reportedComparison = z.object({
  metric: metricName,
  per: comparisonPer,
  unit: quantityUnit,
  at: z.array(instant).max(maxReportPoints),
  rows: z
    .array(
      z.object({
        name,
        rank: count.optional(),
        mean: figure.optional(),
        first: figure.optional(),
        last: figure.optional(),
        values,
      }),
    )
    .max(maxComparedHosts),
  notes: z.array(z.string().max(1024)).max(maxComparedHosts),
})
export type ReportedComparison = z.infer<typeof reportedComparison>

/** An experiment on one of the hosts that began in the range: what came of it, over all its hosts. */
const reportedExperiment = z.object({
  id: z.string().max(64),
  title: name,
  startedAt: instant,
  hostNames: z.array(name).max(maxExperimentHosts),
  verdict,
  /** The primary metric first. */
  comparisons: z.array(comparison).max(experimentMetrics.length),
})
export type ReportedExperiment = z.infer<typeof reportedExperiment>

export const maxReportedExperiments = 20

/** Parts of the readable documents, in their order. CSV and JSON hold everything. */
export const reportChapters = ['won', 'comparison', 'experiments', 'capacity', 'hosts', 'method'] as const
const reportChapter = z.enum(reportChapters)
export type ReportChapter = z.infer<typeof reportChapter>
const chapters = z.array(reportChapter).min(1).max(reportChapters.length)

export const report = z.object({
  /** Raised with each incompatible change of this document. */
  schemaVersion: z.literal(2),
  title: name,
  createdAt: instant,
  /** Of the workbench. */
  version: name,
  range: timeWindow,
  /** What the readable document shows. Absent: all. */
  chapters: chapters.optional(),
  quantities: z.array(reportedQuantity).max(256),
  hosts: z.array(reportedHost).max(most.hosts),
  comparison: reportedComparison.optional(),
  /** The newest first. */
  experiments: z.array(reportedExperiment).max(maxReportedExperiments).optional(),
})
export type Report = z.infer<typeof report>

/** What a report is asked for. Absent `from` and `to`: the last 7 days. */
export const reportOrder = z.object({
  hostIds: z.array(hostId).min(1).max(most.hosts),
  format: reportFormat,
  from: instant.optional(),
  to: instant.optional(),
  /** The report has this comparison of its hosts. */
  compared: z.object({ metric: metricName, per: comparisonPer }).optional(),
  title: name.trim().min(1).optional(),
  /** Absent: all. */
  chapters: chapters.optional(),
})
export type ReportOrder = z.infer<typeof reportOrder>

const templateName = name.trim().min(1).max(64)
const longestTemplateMs = 366 * 86_400_000

/** A report that is made again and again: of which hosts is decided when it is made. */
export const reportTemplate = z.object({
  name: templateName,
  ...reportOrder.pick({ format: true, compared: true, title: true, chapters: true }).shape,
  /** So long a range, up to when it is made. */
  rangeMs: z.int().positive().max(longestTemplateMs),
  /** Those with this tag. Absent: all. */
  tag: hostTag.optional(),
})
export type ReportTemplate = z.infer<typeof reportTemplate>

export const maxReportTemplates = 100
export const reportTemplates = z.object({
  /** Those of the person first, then those that come with the workbench. */
  templates: z.array(reportTemplate.extend({ builtIn: z.boolean() })).max(maxReportTemplates + 16),
})
export type ListedTemplate = z.infer<typeof reportTemplates>['templates'][number]
export const templateNaming = z.object({ name: templateName })

/** Of these the newest are kept in the list. */
export const maxExportedReports = 200

/** What was exported, without its content. */
export const exportedReport = z.object({
  id: z.string().min(1).max(64),
  at: instant,
  fileName: name,
  order: reportOrder,
})
export type ExportedReport = z.infer<typeof exportedReport>

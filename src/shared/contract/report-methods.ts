// What the page asks of main about reports and comparisons. None changes a host.
import { z } from 'zod'
import { comparedMeans, comparedSpans, comparisonOrder, spansOrder } from './compared-means.ts'
import { anyFile } from './files.ts'
import { type Method, method, nothing } from './method.ts'
import {
  exportedReport,
  maxExportedReports,
  reportOrder,
  reportTemplate,
  reportTemplates,
  templateNaming,
} from './reports.ts'

export const reportMethods = {
  /**
   * Long for many hosts: reports progress, stops at `$/cancelRequest`. `not-supported`: PDF, where neither the desktop app
   * nor a Chromium prints it.
   */
  'reports/build': method('observe', reportOrder, anyFile),
  /** What was exported, newest first. */
  'reports/list': method(
    'observe',
    nothing,
    z.object({ reports: z.array(exportedReport).max(maxExportedReports) }),
  ),
  /** Templates of reports; these three change the workbench only. */
  'reports/templates': method('observe', nothing, reportTemplates),
  /** Replaces the one of the same name; one that comes with the workbench is then hidden by it. */
  'reports/save-template': method('observe', reportTemplate, reportTemplates),
  /** `not-found`: there is none of this name, or it comes with the workbench. */
  'reports/remove-template': method('observe', templateNaming, reportTemplates),
  /** One quantity of several hosts over the same slots of time, from history. */
  'compare/means': method('observe', comparisonOrder, comparedMeans),
  /** Every quantity of one host before and after a moment, from history. */
  'compare/spans': method('observe', spansOrder, comparedSpans),
} satisfies Record<string, Method>

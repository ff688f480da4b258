// An experiment as a file: HTML and PDF to read, CSV with a line for each phase and guest, JSON with everything.
import { experimentDocument, type ReportFormat, type ShownExperiment } from '../../shared/contract/index.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import { renderExperimentCsv } from './experiment-csv.ts'
import { renderExperimentHtml } from './experiment-html.ts'
import type { PrintPdf } from './print-pdf.ts'

interface ExportParts {
  readonly version: string
  readonly printPdf: PrintPdf
}

/** Throws `not-supported` for PDF where nothing prints. */
export async function exportExperiment(
  shown: ShownExperiment,
  format: ReportFormat,
  { version, printPdf }: ExportParts,
  signal: AbortSignal,
) {
  const fileName = `singleton-experiment-${shown.id}.${format}`
  switch (format) {
    case 'html':
      return { fileName, mediaType: 'text/html', content: renderExperimentHtml(shown, version) }
    case 'csv':
      return { fileName, mediaType: 'text/csv', content: renderExperimentCsv(shown) }
    case 'json':
      return { fileName, mediaType: 'application/json', content: documentOf(shown, version) }
    case 'pdf': {
      const pdf = await printPdf(renderExperimentHtml(shown, version), signal)
      const content = pdf.toString('base64')
      return { fileName, mediaType: 'application/pdf', content, encoding: 'base64' as const }
    }
  }
}

function documentOf(shown: ShownExperiment, version: string): string {
  const document = {
    document: 'singleton-experiment',
    exportedAt: wallClock(),
    exportedBy: version,
    ...shown,
  }
  return `${JSON.stringify(experimentDocument.parse(document), null, 2)}\n`
}

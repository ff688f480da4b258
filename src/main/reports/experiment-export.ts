// An experiment as a file: HTML to read, CSV with a line for each phase and guest, JSON with everything.
import {
  type ExperimentFormat,
  experimentDocument,
  type ShownExperiment,
} from '../../shared/contract/index.ts'
import { wallClock } from '../../shared/wall-clock.ts'
import { renderExperimentCsv } from './experiment-csv.ts'
import { renderExperimentHtml } from './experiment-html.ts'
import type { RenderedReport } from './report-builder.ts'

export function exportExperiment(
  shown: ShownExperiment,
  format: ExperimentFormat,
  version: string,
): RenderedReport {
  const fileName = `singleton-experiment-${shown.id}.${format}`
  if (format === 'html')
    return { fileName, mediaType: 'text/html', content: renderExperimentHtml(shown, version) }
  if (format === 'csv') return { fileName, mediaType: 'text/csv', content: renderExperimentCsv(shown) }
  const document = experimentDocument.parse({
    document: 'singleton-experiment',
    exportedAt: wallClock(),
    exportedBy: version,
    ...shown,
  })
  return { fileName, mediaType: 'application/json', content: `${JSON.stringify(document, null, 2)}\n` }
}

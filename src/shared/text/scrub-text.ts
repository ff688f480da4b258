// A scrub as text.
import type { ScrubbedImage, ScrubResult } from '../contract/page-cache.ts'
import { formatBytes } from '../units.ts'
import { formatCost, formatNotes } from './cost-text.ts'
import { imageLabels } from './image-labels.ts'
import { formatTable } from './table.ts'
import { inLine } from './terminal.ts'

/** Some paragraphs, each line with its end: what went of each image, or would go, and why the others stayed. Pure. */
export function formatScrub(result: ScrubResult): string {
  const { totals } = result
  const evicted = formatBytes(totals.evictedBytes)
  const after = formatBytes(totals.residentAfterBytes)
  const before = formatBytes(totals.residentBeforeBytes)
  const head = result.dryRun
    ? `dry run, nothing was changed: would evict ${evicted} of ${before}, leaving about ${after}\n`
    : `evicted ${evicted}: image cache ${before} -> ${after}\n`
  const labels = imageLabels(result.images)
  const headings = [
    'image',
    ' before',
    ' after',
    ' evicted',
    ' kept dirty',
    ' kept unique',
    ' of other guests',
  ]
  const table =
    result.images.length > 0
      ? formatTable(
          headings,
          result.images.map((image, index) => formatRow(image, labels[index] ?? image.path)),
        )
      : ''
  const skipped = result.images.flatMap(({ path, skipped: why }, index) =>
    why ? [`${inLine(labels[index] ?? path)}: ${inLine(why.text)}\n`] : [],
  )
  return [head, table, skipped.join(''), formatNotes(result.unreadable), formatCost(result.cost)]
    .filter((part) => part !== '')
    .join('\n')
}

function formatRow(image: ScrubbedImage, label: string): string[] {
  return [
    label,
    formatBytes(image.residentBeforeBytes),
    formatBytes(image.residentAfterBytes),
    image.skipped ? 'skipped' : formatBytes(image.evictedBytes),
    formatBytes(image.keptDirtyBytes),
    formatBytes(image.keptUniqueBytes),
    formatBytes(image.heldByOthersBytes ?? 0),
  ]
}

// A scrub as a change of the host: by a session, or by the command, which loads nothing else of sessions.
import type { ScrubParams, ScrubResult } from '../../../src/shared/contract/page-cache.ts'
import { imageLabels } from '../../../src/shared/text/image-labels.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import { type ChangeContext, changeHost } from '../changes/change.ts'

/** A scrub under the lock of the host, with its figures in the audit. */
export function scrubAudited(
  context: ChangeContext,
  params: ScrubParams,
  scrub: () => Promise<ScrubResult>,
): Promise<ScrubResult> {
  const target = params.images === undefined ? 'all images' : params.images.join(' ')
  return changeHost(context, { action: 'scrub', target }, async (notes) => {
    const result = await scrub()
    notes.before = `${formatBytes(result.totals.residentBeforeBytes)} resident`
    notes.after = `${formatBytes(result.totals.evictedBytes)} evicted${params.images ? describeImages(result) : ''}`
    return result
  })
}

/** As many as a line of the audit is read for. */
const maxImagesInAudit = 16

/** A path may mean several images, in several mount namespaces: which it meant, and what went of each. */
function describeImages({ images }: ScrubResult): string {
  const labels = imageLabels(images)
  const parts = images.map(
    ({ path, evictedBytes }, index) => `${formatBytes(evictedBytes)} of ${labels[index] ?? path}`,
  )
  const more = parts.length > maxImagesInAudit ? ` and ${parts.length - maxImagesInAudit} more` : ''
  return `: ${parts.slice(0, maxImagesInAudit).join(', ')}${more}`
}

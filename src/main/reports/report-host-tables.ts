// The tables of one host in the HTML report: platform, guests, images.
import {
  type AssessedImage,
  type Assessment,
  type Reason,
  type ReportedHost,
  type ScrubResult,
  shownTime,
} from '../../shared/contract/index.ts'
import { imageKey, imageLabels } from '../../shared/text/image-labels.ts'
import { formatBytes } from '../../shared/units.ts'
import { escapeHtml, tableOf } from './html-parts.ts'

/** The host as it was when last assessed. */
export function renderPlatform({ address, baseline, after, ksm }: ReportedHost): string {
  const facts = (after ?? baseline)?.host
  const parts = [
    `address ${address}`,
    ...(facts
      ? [`${facts.hostname}, Linux ${facts.kernel}`, `${formatBytes(facts.memTotalBytes)} of memory`]
      : []),
    ...(ksm
      ? [`KSM ${describeRun(ksm.settings.run)}, saves ${formatBytes(ksm.mergedBytes)} on this kernel now`]
      : []),
  ]
  return `<p>${parts.map(escapeHtml).join(' · ')}</p>`
}

/** A row for each guest, with why nothing can be merged. */
export function renderGuests(assessment: Assessment): string {
  if (assessment.guests.length === 0) return '<p>No guests ran when the host was assessed.</p>'
  const rows = assessment.guests.map((guest) => [
    `<th scope="row">${escapeHtml(guest.name)}</th>`,
    ...[
      guest.residentBytes,
      guest.zeroBytes,
      guest.identicalBytes,
      guest.mergeableBytes,
      guest.mergedBytes,
      guest.doubleCachedBytes,
    ].map(bytesCell),
    reasonCell(guest.why),
  ])
  const headings = ['Guest', 'Resident', 'Zero', 'Identical', 'Mergeable', 'Merged', 'Double cached', 'Why']
  return `<h3>Guests, ${describeTime(shownTime(assessment))}</h3>${tableOf(headings, rows)}`
}

/** A row for each image; nothing where there is none. `scrub` undefined: none was run. */
export function renderImages(assessment: Assessment, scrub: ScrubResult | undefined): string {
  if (assessment.images.length === 0) return ''
  const scrubbed = new Map(scrub?.images.map((image) => [imageKey(image), image]))
  const labels = imageLabels(assessment.images)
  const rows = assessment.images.map((image, index) => {
    const evicted = scrubbed.get(imageKey(image))?.evictedBytes
    return [
      `<th scope="row" class="path">${escapeHtml(labels[index] ?? image.path)}</th>`,
      `<td>${image.format}, ${image.cacheMode}</td>`,
      bytesCell(image.residentBytes),
      bytesCell(image.dirtyBytes),
      doubleCachedCell(image),
      bytesCell(evicted),
      reasonCell(image.notApplicable ? [image.notApplicable, ...image.why] : image.why),
    ]
  })
  const headings = ['Image', 'Kind', 'Resident', 'Dirty', 'Double cached', 'Evicted by the last scrub', 'Why']
  return `<h3>Images, ${describeTime(shownTime(assessment))}</h3>${tableOf(headings, rows)}`
}

function doubleCachedCell(image: AssessedImage): string {
  return image.notApplicable ? '<td class="none">not applicable</td>' : bytesCell(image.doubleCachedBytes)
}

function bytesCell(bytes: number | undefined): string {
  return bytes === undefined
    ? '<td class="none">not measured</td>'
    : `<td class="figure">${formatBytes(bytes)}</td>`
}

function reasonCell(reasons: readonly Reason[]): string {
  return `<td>${reasons.map(({ text }) => escapeHtml(text)).join('<br>')}</td>`
}

function describeTime(at: number): string {
  return `${new Date(at).toISOString().replace('T', ' ').slice(0, 19)} UTC`
}

function describeRun(run: number): string {
  if (run === 1) return 'scans'
  return run === 0 ? 'is stopped' : 'unmerges'
}

// An assessment as text.
import type { Assessment } from '../contract/assessment.ts'
import { formatBytes } from '../units.ts'
import { formatCost, formatNotes } from './cost-text.ts'
import { imageLabels } from './image-labels.ts'
import { describeRam } from './ram-text.ts'
import { formatTable } from './table.ts'
import { inLine } from './terminal.ts'

/** Some paragraphs, each line with its end. What was not reported says so; a table without rows is left out. Pure. */
export function formatAssessment(assessment: Assessment): string {
  const { host, totals } = assessment
  const head =
    `${inLine(host.hostname)} (${inLine(host.kernel)}): ${formatBytes(totals.reclaimableBytes)} could be given back: ` +
    `${formatBytes(totals.mergeableBytes)} mergeable, ${formatBytes(totals.doubleCachedBytes)} double cached\n` +
    `memory ${formatBytes(host.memTotalBytes)}, available ${formatBytes(host.memAvailableBytes)}; ` +
    `merged now ${formatBytes(totals.mergedBytes)}` +
    (totals.freedZeroBytes > 0 ? ` and ${formatBytes(totals.freedZeroBytes)} of zero pages\n` : '\n')
  const parts = [
    head,
    formatSampling(assessment),
    formatGuests(assessment),
    formatImages(assessment),
    formatWhy(assessment),
  ]
  return [...parts, formatNotes(assessment.unreadable), formatCost(assessment.cost)]
    .filter((part) => part !== '')
    .join('\n')
}

function formatSampling({ sampling }: Assessment): string {
  if (sampling === undefined) return ''
  const share = `1 of ${Math.round(1 / sampling.ratio)}`
  return (
    `sampled: ${share} contents was compared; mergeable is within ${formatBytes(sampling.mergeableMarginBytes)} ` +
    'in 95 of 100 assessments; all other figures except resident, zero and cache are estimates\n'
  )
}

function formatGuests({ guests }: Assessment): string {
  if (guests.length === 0) return 'no guest is running, or none is visible to this user\n'
  const headings = [
    'guest',
    ' pid',
    ' user',
    ' RAM',
    ' resident',
    ' zero',
    ' identical',
    ' mergeable',
    ' merged',
    ' double cached',
  ]
  const rows = guests.map((guest) => [
    guest.name,
    String(guest.pid),
    guest.user ?? 'not reported',
    describeRam(guest),
    formatBytes(guest.residentBytes),
    formatBytes(guest.zeroBytes),
    formatBytes(guest.identicalBytes),
    formatBytes(guest.mergeableBytes),
    formatBytes(guest.mergedBytes),
    formatBytes(guest.doubleCachedBytes),
  ])
  return formatTable(headings, rows)
}

function formatImages({ images }: Assessment): string {
  if (images.length === 0) return ''
  const labels = imageLabels(images)
  const rows = images.map((image, index) => [
    labels[index] ?? image.path,
    image.format,
    image.guests.join(' '),
    image.cacheMode,
    formatBytes(image.residentBytes),
    image.dirtyBytes === undefined ? 'not reported' : formatBytes(image.dirtyBytes),
    ...(image.notApplicable
      ? ['not applicable', '']
      : [formatBytes(image.doubleCachedBytes), formatBytes(image.heldByOthersBytes ?? 0)]),
  ])
  const headings = [
    'image',
    'format',
    'guests',
    'cache',
    ' resident',
    ' dirty',
    ' double cached',
    ' of other guests',
  ]
  return formatTable(headings, rows)
}

function formatWhy({ guests, images }: Assessment): string {
  const ofGuests = guests.flatMap((guest) =>
    guest.why.map(({ text }) => `${inLine(guest.name)}: ${inLine(text)}\n`),
  )
  const labels = imageLabels(images)
  const ofImages = images.flatMap((image, index) =>
    [image.notApplicable ?? [], image.why]
      .flat()
      .map(({ text }) => `${inLine(labels[index] ?? image.path)}: ${inLine(text)}\n`),
  )
  return [...ofGuests, ...ofImages].join('')
}

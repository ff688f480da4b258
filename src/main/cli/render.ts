// Answers as text for people.
import { describeKsmBurst } from '../../shared/burst-text.ts'
import type {
  Assessment,
  GuestSwitch,
  KsmStatus,
  SavedHost,
  ScrubResult,
} from '../../shared/contract/index.ts'
import { imageLabels } from '../../shared/image-labels.ts'
import { stripControls } from '../../shared/printable.ts'
import { describeRam } from '../../shared/text/ram-text.ts'
import { formatBytes, formatCount, formatSeconds } from '../../shared/units.ts'
import type { HostAnswer } from './each-host.ts'
import { describeProblem } from './terminal.ts'

export function renderAnswers<T>(answers: readonly HostAnswer<T>[], render: (answer: T) => string): string {
  return answers
    .map(({ address, answer, problem }) => {
      const text = answer === undefined ? problem && describeProblem(problem) : render(answer)
      return `${stripControls(address)}\n${indent(text ?? '')}`
    })
    .join('\n\n')
}

/** One document per host, flat: `{ address, …answer }` or `{ address, problem }`. */
export function renderJson<T extends object>(answers: readonly HostAnswer<T>[]): string {
  const documents = answers.map(({ address, answer, problem }) =>
    problem ? { address, problem } : { address, ...answer },
  )
  return JSON.stringify(documents, null, 2)
}

export function renderAssessment({ host, totals, guests, images, cost, unreadable }: Assessment): string {
  const labels = imageLabels(images)
  const lines = [
    `${host.hostname}, Linux ${host.kernel}: could give back ${formatBytes(totals.reclaimableBytes)} (${formatBytes(totals.mergeableBytes)} mergeable, ${formatBytes(totals.doubleCachedBytes)} double cached)`,
    `guests hold ${formatBytes(totals.guestResidentBytes)}, ${formatBytes(totals.mergedBytes)} merged already; image cache ${formatBytes(totals.imageCacheBytes)}`,
    ...renderTable(
      ['guest', 'user', 'RAM', 'resident', 'identical', 'mergeable', 'merged', 'double cached', 'why'],
      guests.map((guest) => [
        guest.name,
        guest.user ?? 'not reported',
        describeRam(guest),
        formatBytes(guest.residentBytes),
        formatBytes(guest.identicalBytes),
        formatBytes(guest.mergeableBytes),
        formatBytes(guest.mergedBytes),
        formatBytes(guest.doubleCachedBytes),
        guest.why.map(({ code }) => code).join(' '),
      ]),
    ),
    ...renderTable(
      ['image', 'resident', 'dirty', 'double cached', 'why'],
      images.map((image, index) => [
        labels[index] ?? image.path,
        formatBytes(image.residentBytes),
        image.dirtyBytes === undefined ? 'not measured' : formatBytes(image.dirtyBytes),
        image.notApplicable ? 'not applicable' : formatBytes(image.doubleCachedBytes),
        [image.notApplicable, ...image.why].map((reason) => reason?.code ?? '').join(' '),
      ]),
    ),
    `took ${formatSeconds(cost.wallSeconds)}, ${formatSeconds(cost.cpuSeconds)} of CPU`,
    ...unreadable.map(({ path, problem }) => `not read: ${path}: ${problem.message}`),
  ]
  return lines.map(stripControls).join('\n')
}

export function renderScrub({ dryRun, totals, images, cost, unreadable }: ScrubResult): string {
  const labels = imageLabels(images)
  const lines = [
    `${dryRun ? 'would evict' : 'evicted'} ${formatBytes(totals.evictedBytes)}: image cache ${formatBytes(totals.residentBeforeBytes)} → ${formatBytes(totals.residentAfterBytes)}`,
    ...renderTable(
      [
        'image',
        'before',
        'after',
        dryRun ? 'would evict' : 'evicted',
        'kept dirty',
        'kept unique',
        'skipped',
      ],
      images.map((image, index) => [
        labels[index] ?? image.path,
        formatBytes(image.residentBeforeBytes),
        formatBytes(image.residentAfterBytes),
        formatBytes(image.evictedBytes),
        formatBytes(image.keptDirtyBytes),
        formatBytes(image.keptUniqueBytes),
        image.skipped?.text ?? '',
      ]),
    ),
    `took ${formatSeconds(cost.wallSeconds)}, ${formatSeconds(cost.cpuSeconds)} of CPU`,
    ...unreadable.map(({ path, problem }) => `not read: ${path}: ${problem.message}`),
  ]
  return lines.map(stripControls).join('\n')
}

export function renderKsm(status: KsmStatus): string {
  const { settings, counters, mergedBytes, journaledSince, governors, burst } = status
  const run = ['stopped', 'scanning', 'unmerging'][settings.run] ?? `run=${settings.run}`
  const lines = [
    `KSM is ${run}: ${settings.pagesToScan} pages every ${settings.sleepMillisecs} ms, ${counters.fullScans} full scans`,
    `saves ${formatBytes(mergedBytes)}: ${formatCount(counters.pagesSharing)} sites share ${formatCount(counters.pagesShared)} pages`,
    ...(burst === undefined ? [] : [describeKsmBurst(burst)]),
    ...(counters.generalProfitBytes === undefined
      ? []
      : [`net profit ${formatBytes(counters.generalProfitBytes)}`]),
    ...(counters.ksmdCpuSeconds === undefined
      ? []
      : [`ksmd has used ${formatSeconds(counters.ksmdCpuSeconds)} of CPU since boot`]),
    ...(journaledSince === undefined ? [] : ['original settings are saved; "ksm restore" puts them back']),
    ...(governors.length === 0 ? [] : [`also governed by ${governors.join(', ')}`]),
  ]
  return lines.map(stripControls).join('\n')
}

export function renderSwitch({ name, pid, before, after, via }: GuestSwitch): string {
  const what = before === after ? `is ${after} already` : `was ${before}, is ${after} now`
  return stripControls(`merging of guest ${name} (process ${pid}) ${what} (${via})`)
}

export function renderHosts(hosts: readonly SavedHost[]): string {
  if (hosts.length === 0) return 'no hosts are saved; add one with "hosts add HOST"'
  const rows = hosts.map(({ name, address, mode, tags }) => [name, address, mode, tags.join(' ')])
  return renderTable(['name', 'address', 'mode', 'tags'], rows).map(stripControls).join('\n')
}

/** Columns as wide as their widest cell; nothing at all without rows. */
export function renderTable(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return []
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  return [headings, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}

// The status of KSM as text.

import type { GuestSwitch } from '../contract/guests.ts'
import type { KsmSettings, KsmStatus } from '../contract/ksm.ts'
import { formatBytes, formatCount, formatSeconds } from '../units.ts'
import { describeBurstDetails, describeKsmBurst } from './burst-text.ts'
import { inLine } from './terminal.ts'

const runWords: Readonly<Record<number, string>> = {
  0: 'stopped; merged pages stay merged',
  1: 'scanning',
  2: 'stopped; all pages are unmerged',
}

/** One line for each figure; what this kernel does not report has no line. */
export function formatKsmStatus(status: KsmStatus): string {
  const { settings, counters } = status
  const rows: [string, string | undefined][] = [
    ['ksmd', `${runWords[settings.run] ?? `run ${settings.run}`} (run ${settings.run})`],
    ['burst', status.burst === undefined ? undefined : describeKsmBurst(status.burst)],
    ...(status.burst === undefined ? [] : describeBurstDetails(status.burst)).map(
      (text): [string, string] => ['', text],
    ),
    ['rate', `${formatCount(settings.pagesToScan)} pages, then ${settings.sleepMillisecs} ms of sleep`],
    ['advisor', settings.advisorMode],
    ['settings', describeOtherSettings(settings)],
    ['saved', formatBytes(status.mergedBytes)],
    [
      'shared pages',
      `${formatCount(counters.pagesShared)} used by ${formatCount(counters.pagesSharing)} more pages`,
    ],
    ['zero pages', optional(counters.ksmZeroPages, formatCount)],
    [
      'unshared',
      `${formatCount(counters.pagesUnshared)} pages; ${formatCount(counters.pagesVolatile)} more change too fast to be merged`,
    ],
    ['full scans', formatCount(counters.fullScans)],
    ['scanned', optional(counters.pagesScanned, (pages) => `${formatCount(pages)} pages`)],
    ['smart scan', optional(counters.pagesSkipped, (pages) => `${formatCount(pages)} pages skipped`)],
    ['net profit', optional(counters.generalProfitBytes, formatBytes)],
    ['ksmd CPU', optional(counters.ksmdCpuSeconds, formatSeconds)],
    ['governed by', status.governors.length === 0 ? 'nobody else' : status.governors.join(', ')],
    ['to restore', optional(status.journaledSince, describeJournal)],
  ]
  return rows
    .map(([label, text]) => (text === undefined ? '' : `${label.padEnd(14)}${inLine(text)}\n`))
    .join('')
}

/** One line: what the switch of one guest changed, and through what. Pure. */
export function formatGuestSwitch({ name, pid, before, after, via }: GuestSwitch): string {
  const what = before === after ? `is ${after} already` : `was ${before}, is ${after} now`
  return `merging of guest ${inLine(name)} (process ${pid}) ${what} (${inLine(via)})\n`
}

/** Settings that have no line of their own, by the kernel's names. undefined: this kernel has none of them. */
function describeOtherSettings({ run, pagesToScan, sleepMillisecs, advisorMode, ...others }: KsmSettings) {
  const words = Object.entries(others).map(
    ([name, value]) => `${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)} ${value}`,
  )
  return words.length === 0 ? undefined : words.join(', ')
}

function optional(value: number | undefined, format: (value: number) => string): string | undefined {
  return value === undefined ? undefined : format(value)
}

function describeJournal(since: number): string {
  return `original settings saved at ${new Date(since).toISOString()}; ksm restore puts them back`
}

import { expect, it } from 'vitest'
import { type KsmStatus, ksmCounters, ksmSettings } from '../contract/ksm.ts'
import { formatBytes, formatCount, formatSeconds } from '../units.ts'
import { formatKsmStatus } from './ksm-text.ts'

/** Each field has a number that no other has. */
function numbered(names: readonly string[], from: number): Record<string, number> {
  return Object.fromEntries(names.map((name, index) => [name, from + index]))
}

const settings = ksmSettings.parse({
  ...numbered(Object.keys(ksmSettings.unwrap().shape), 7001),
  advisorMode: 'scan-time',
})
const counters = ksmCounters.parse(numbered(Object.keys(ksmCounters.unwrap().shape), 8001))
const status: KsmStatus = { settings, counters, mergedBytes: 0, governors: [] }

it('shows every setting and counter that the helper reads', () => {
  const lines = formatKsmStatus(status)
  const { generalProfitBytes = 0, ksmdCpuSeconds = 0, ...pages } = counters
  const { pagesToScan, ...others } = settings
  const words = [
    formatBytes(generalProfitBytes),
    formatSeconds(ksmdCpuSeconds),
    ...[pagesToScan, ...Object.values(pages)].map((pages = 0) => formatCount(pages)),
    ...Object.values(others).map(String),
  ]
  expect(words.filter((word) => !lines.includes(word))).toEqual([])
  expect(lines).toContain('merge_across_nodes 7005')
})

it('has no line for what this kernel does not report', () => {
  const bare = formatKsmStatus({
    ...status,
    settings: { run: 0, pagesToScan: 100, sleepMillisecs: 20 },
    counters: { pagesShared: 0, pagesSharing: 0, pagesUnshared: 0, pagesVolatile: 0, fullScans: 0 },
  })
  expect(bare).not.toMatch(/^(?:settings|advisor|zero pages|scanned|smart scan|net profit|ksmd CPU) /m)
})

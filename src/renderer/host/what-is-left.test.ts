import { expect, it } from 'vitest'
import type { Assessment, HostView, ScrubResult } from '../../shared/contract/index.ts'
import { whatIsLeft } from './what-is-left.ts'

const cost = { wallSeconds: 1, cpuSeconds: 1, hashedBytes: 1, peakRssBytes: 1 }
const image = {
  format: 'raw',
  guests: [1],
  cacheMode: 'buffered',
  residentBytes: 9,
  doubleCachedBytes: 8,
  why: [],
} as const
const assessment: Assessment = {
  at: 10,
  host: { hostname: 'a', kernel: '6.12', pageSize: 4096, memTotalBytes: 1, memAvailableBytes: 1 },
  guests: [],
  images: [
    { ...image, guests: [1], why: [], path: '/a' },
    { ...image, guests: [1], why: [], path: '/b' },
  ],
  sharing: [],
  totals: {
    guestResidentBytes: 0,
    mergeableBytes: 5,
    mergedBytes: 0,
    imageCacheBytes: 18,
    doubleCachedBytes: 16,
    reclaimableBytes: 21,
  },
  cost,
  unreadable: [],
}
const scrub = (at: number, paths: string[], dryRun = false): ScrubResult => ({
  at,
  dryRun,
  images: paths.map((path) => ({
    path,
    residentBeforeBytes: 9,
    residentAfterBytes: 2,
    evictedBytes: 7,
    keptDirtyBytes: 1,
    keptUniqueBytes: 1,
  })),
  totals: {
    residentBeforeBytes: 18,
    residentAfterBytes: 4,
    evictedBytes: 14,
    keptDirtyBytes: 2,
    keptUniqueBytes: 2,
  },
  cost,
  unreadable: [],
})
const view = (more: Partial<HostView>): HostView => ({
  host: { id: 'a', name: 'a', address: 'a', mode: 'observe', tags: [] },
  connection: { state: 'connected', since: 1 },
  sparkline: [],
  tasks: [],
  ...more,
})
const assessed = { mergeableBytes: 5, doubleCachedBytes: 16, reclaimableBytes: 21 }

it.each([
  ['not assessed', {}, undefined],
  ['assessed', { assessment }, assessed],
  ['scrubbed before', { assessment, lastScrub: scrub(9, ['/a', '/b']) }, assessed],
  ['scrubbed in part', { assessment, lastScrub: scrub(11, ['/a']) }, assessed],
  ['planned only', { assessment, lastScrub: scrub(11, ['/a', '/b'], true) }, assessed],
  [
    'scrubbed since',
    { assessment, lastScrub: scrub(11, ['/a', '/b']) },
    { mergeableBytes: 5, doubleCachedBytes: 2, reclaimableBytes: 7 },
  ],
])('says what is left when %s', (_, more, expected) => {
  expect(whatIsLeft(view(more))).toEqual(expected)
})

import { describe, expect, it } from 'vitest'
import type { Assessment } from '../contract/assessment.ts'
import type { AssessedGuest } from '../contract/guests.ts'
import { formatAssessment } from './assessment-text.ts'

const nothing: Assessment = {
  at: 0,
  host: {
    hostname: 'host-a',
    kernel: '6.12',
    pageSize: 4096,
    memTotalBytes: 2 ** 40,
    memAvailableBytes: 2 ** 39,
  },
  guests: [],
  images: [],
  sharing: [],
  totals: {
    guestResidentBytes: 0,
    mergeableBytes: 2 ** 30,
    mergedBytes: 0,
    freedZeroBytes: 0,
    imageCacheBytes: 0,
    doubleCachedBytes: 0,
    reclaimableBytes: 2 ** 30,
  },
  cost: { wallSeconds: 1, cpuSeconds: 1, hashedBytes: 0, peakRssBytes: 0 },
  unreadable: [],
}

const guest: AssessedGuest = {
  ...{ pid: 7, name: 'web', ramBytes: 256 * 2 ** 20, residentBytes: 0, zeroBytes: 0, mergedBytes: 0 },
  ...{ freedZeroBytes: 0, identicalBytes: 0, mergeableBytes: 0, doubleCachedBytes: 0, why: [] },
}

describe('an assessment as text', () => {
  it('says what a guest can be given beside its RAM', () => {
    expect(formatAssessment({ ...nothing, guests: [guest] })).not.toContain('plugged')
    const larger = { ...guest, pluggableBytes: 8 * 2 ** 30 }
    expect(formatAssessment({ ...nothing, guests: [larger] })).toContain('256 MiB, 8 GiB can be plugged')
  })

  it('says what was sampled, and how right it is', () => {
    expect(formatAssessment(nothing)).not.toContain('sampled')
    const sampled = { ...nothing, sampling: { ratio: 1 / 32, mergeableMarginBytes: 8 * 2 ** 20 } }
    expect(formatAssessment(sampled)).toContain('sampled: 1 of 32 contents')
    expect(formatAssessment(sampled)).toContain('8 MiB')
  })
})

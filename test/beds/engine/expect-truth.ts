// Compares what the helper says with what the independent program finds, guest by guest and in total.
import { expect } from 'vitest'
import type { Assessment } from '../../../src/shared/contract/assessment.ts'
import type { LabGuest } from '../lab/lab.ts'
import type { EngineLab, Expected, ExpectedCached } from './engine-lab.ts'

const PAGE = 4096
/** Where a figure is small: what a guest of megabytes may differ by. */
const SLACK_BYTES = 2 ** 18

/** Within 1 %. */
export function expectClose(measured: number, expected: number, what: string): void {
  const difference = Math.abs(measured - expected)
  const text = `${what}: ${describe(measured)} measured, ${describe(expected)} expected`
  expect(difference, text).toBeLessThanOrEqual(Math.max(expected * 0.01, SLACK_BYTES))
}

/**
 * All figures of guests, which must be stopped since before the program looked, and that none exceeds RAM. With what the
 * page cache held after the helper looked: the kernel may take pages of it away meanwhile.
 */
export function expectGuestTruth(
  lab: EngineLab,
  found: Assessment,
  expected: Expected,
  after: ExpectedCached,
): void {
  expectClose(found.totals.mergeableBytes, expected.mergeablePages * PAGE, 'mergeable in total')
  const sum = (figure: 'residentPages' | 'mergedPages') =>
    Object.values(expected.guests).reduce((total, guest) => total + guest[figure], 0) * PAGE
  expectClose(found.totals.guestResidentBytes, sum('residentPages'), 'resident in total')
  expectClose(found.totals.mergedBytes, sum('mergedPages'), 'merged in total')
  for (const guest of lab.host.guests) {
    const measured = found.guests.find(({ pid }) => pid === guest.pidInHost)
    const wanted = expected.guests[guest.pid]
    if (!measured || !wanted) throw new Error(`cannot compare guest ${guest.name}: it was not found`)
    expect(measured.name).toBe(guest.name)
    const sizeBytes = measured.ramBytes + (measured.otherBlocksBytes ?? 0)
    expect(sizeBytes, `${guest.name}: RAM and what else KSM may merge`).toBe(wanted.ramPages * PAGE)
    for (const [figure, pages] of FIGURES) {
      expectClose(measured[figure], wanted[pages] * PAGE, `${guest.name}: ${figure}`)
      expect(measured[figure], `${guest.name}: ${figure} above RAM`).toBeLessThanOrEqual(sizeBytes)
    }
    expectDoubleCached(measured.doubleCachedBytes, guest, [expected, after])
    expect(measured.doubleCachedBytes).toBeLessThanOrEqual(sizeBytes)
  }
}

const FIGURES = [
  ['residentBytes', 'residentPages'],
  ['zeroBytes', 'zeroPages'],
  ['identicalBytes', 'identicalPages'],
  ['mergeableBytes', 'mergeablePages'],
  ['mergedBytes', 'mergedPages'],
  ['freedZeroBytes', 'freedZeroPages'],
] as const

/**
 * Figures of images. With what there was before and after the helper looked: the kernel may take pages away meanwhile
 * (DAMON's proactive reclaim does, where a host has it on). That assess itself takes none has a test of its own.
 */
export function expectImageTruth(found: Assessment, before: ExpectedCached, after: ExpectedCached): void {
  for (const [path, wanted] of Object.entries(after.images)) {
    const measured = found.images.find((image) => image.path === path)
    const earlier = before.images[path]
    if (!measured || !earlier) throw new Error(`cannot compare image ${path}: it was not found`)
    expectBetween(measured.residentBytes, [earlier.residentPages, wanted.residentPages], `${path}: resident`)
    if (measured.notApplicable) continue
    const doubles = [earlier.doubleCachedPages, wanted.doubleCachedPages] as const
    expectBetween(measured.doubleCachedBytes, doubles, `${path}: double cached`)
    const elsewhere = [earlier.heldElsewherePages, wanted.heldElsewherePages] as const
    expectBetween(measured.heldByOthersBytes ?? Number.NaN, elsewhere, `${path}: held by other guests`)
  }
}

/** Of a guest that stands still, with what the page cache held before and after. */
export function expectDoubleCached(
  measuredBytes: number,
  { pid, name }: Pick<LabGuest, 'pid' | 'name'>,
  looks: readonly ExpectedCached[],
): void {
  const pages = looks.map(({ doubleCachedPages }) => doubleCachedPages[pid] ?? Number.NaN)
  expectBetween(measuredBytes, pages, `${name}: double cached`)
}

export function expectBetween(measured: number, pages: readonly number[], what: string): void {
  const [low = 0, high = 0] = pages.map((count) => count * PAGE).sort((a, b) => a - b)
  expectClose(measured, Math.min(Math.max(measured, low), high), what)
}

function describe(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`
}

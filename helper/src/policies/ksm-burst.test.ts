import { describe, expect, it } from 'vitest'
import { withValue } from '../../../src/shared/with-value.ts'
import {
  type BurstAim,
  type BurstCounters,
  type BurstRule,
  beginBurst,
  burstRule,
  type FollowedBurst,
  followBurst,
  judgeByMeasurement,
  mayBringMore,
} from './ksm-burst.ts'

const nothing: BurstCounters = {
  fullScans: 3,
  pagesShared: 0,
  pagesSharing: 0,
  pagesUnshared: 0,
  pagesVolatile: 0,
  ksmZeroPages: 0,
  ksmdCpuSeconds: 0,
}

/** full_scans, pages_shared, pages_sharing, pages_unshared, pages_volatile, CPU seconds, resident pages of guests. */
type Row = readonly [number, number, number, number, number, number?, number?]

function counters([fullScans, pagesShared, pagesSharing, pagesUnshared, pagesVolatile, cpu, resident]: Row) {
  const known = { fullScans, pagesShared, pagesSharing, pagesUnshared, pagesVolatile, ksmZeroPages: 0 }
  return {
    ...known,
    ...withValue({ ksmdCpuSeconds: cpu }),
    ...withValue({ guestPages: resident === undefined ? undefined : { 7: resident } }),
  }
}

/** What came of looking at all of these, up to the end if there was one. */
function replay(aim: BurstAim, start: BurstCounters, rows: readonly Row[], rule: BurstRule = burstRule) {
  let progress = beginBurst(start, aim)
  let followed: FollowedBurst | undefined
  for (const [index, row] of rows.entries()) {
    followed = followBurst(progress, counters(row), rule)
    progress = followed.progress
    if (followed.end !== undefined) return { ...followed, looks: index + 1 }
  }
  if (followed === undefined) throw new Error('nothing to replay')
  return { ...followed, looks: rows.length }
}

function endOf({ end }: FollowedBurst) {
  if (end === undefined) throw new Error('it goes on')
  return end
}

// Recorded on Linux 6.18: four stand-ins of 256 MiB in huge pages, 10 % zeros, 40 % alike, the first page a zero.
// Freed in the end: 78,278 by sharing and 25,609 zeros by splits.
const large = { aim: { potentialPages: 103_900, savedPages: 0 }, resident: 262_144 }
const largeStart = { ...nothing, guestPages: { 7: large.resident } }
const firstLook: Row = [4, 0, 0, 0, 262_144, 0.14, 262_144]
const blocked: Row = [5, 0, 0, 1, 236_610, 0.48, 236_611]
const unblocked: Row = [6, 26_263, 78_278, 131_558, 0, 2.51, 236_500]

describe('realised', () => {
  it('comes as soon as the measured potential is freed, splits included', () => {
    const end = replay(large.aim, largeStart, [
      firstLook,
      [5, 26_263, 62_907, 112_005, 35_195, 1.96, 236_535],
      [5, 26_263, 70_000, 120_000, 10_000],
      [5, 26_263, 77_600, 130_000, 2_000],
      [6, 26_263, 78_278, 131_560, 2],
    ])
    expect(end).toMatchObject({
      end: { outcome: 'realised', cause: 'potential reached' },
      looks: 4,
      passes: 2,
    })
    expect(end.progress).toMatchObject({ comparingPasses: 2, voidPasses: 0 })
  })

  it('never comes from a guest that has ended and left its memory', () => {
    const start = { ...nothing, guestPages: { 7: 131_072, 8: 131_072 } }
    const looks = [
      { ...counters(firstLook), guestPages: { 7: 131_072, 8: 131_072 } },
      { ...counters([5, 6_000, 9_000, 200_000, 500]), guestPages: { 7: 130_000 } },
    ]
    let followed: FollowedBurst | undefined
    for (const look of looks)
      followed = followBurst(followed?.progress ?? beginBurst(start, large.aim), look, burstRule)
    expect(followed?.freedPages).toBe(9_000 + 1_072)
    expect(followed?.end?.outcome).not.toBe('realised')
  })

  it('never comes from a plateau while the potential is not there', () => {
    const rows: Row[] = [firstLook, [5, 0, 0, 236_000, 500], [6, 0, 0, 236_000, 500], [7, 0, 0, 236_000, 500]]
    expect(replay(large.aim, nothing, rows).end).toEqual({ outcome: 'exhausted', cause: 'plateau' })
  })

  it('is given or taken by the measurement afterwards', () => {
    const plateau = { outcome: 'exhausted', cause: 'plateau' } as const
    expect(judgeByMeasurement(plateau, large.aim, 900).outcome).toBe('realised')
    expect(judgeByMeasurement(plateau, large.aim, 9_000).outcome).toBe('exhausted')
    const reached = { outcome: 'realised', cause: 'potential reached' } as const
    expect(judgeByMeasurement(reached, large.aim, 9_000).outcome).toBe('exhausted')
    expect(judgeByMeasurement({ outcome: 'given-up', cause: 'too much CPU' }, large.aim, 9_000).outcome).toBe(
      'given-up',
    )
  })
})

describe('what is left', () => {
  // Two Debian guests on a busy machine: of 698 MiB a burst left 86, though it had compared all.
  it('is tried again where the burst brought most of what it had found', () => {
    const plateau = { outcome: 'exhausted', cause: 'plateau' } as const
    expect(mayBringMore(plateau, { voidPasses: 0 }, { foundPages: 178_700, leftPages: 22_000 })).toBe(true)
    expect(mayBringMore(plateau, { voidPasses: 0 }, { foundPages: 22_000, leftPages: 20_000 })).toBe(false)
    const spent = { outcome: 'given-up', cause: 'too much CPU' } as const
    expect(mayBringMore(spent, { voidPasses: 0 }, { foundPages: 178_700, leftPages: 22_000 })).toBe(false)
  })
})

describe('void passes', () => {
  it('do not count, and their cost is told', () => {
    const end = replay(large.aim, largeStart, [firstLook, blocked, unblocked])
    expect(end).toMatchObject({ end: { outcome: 'realised' }, passes: 3 })
    expect(end.progress.voidPasses).toBe(1)
    expect(end.progress.voidCpuSeconds).toBeCloseTo(0.34)
    expect(end.progress.comparingPasses).toBe(2)
  })

  it('are not confused with the first look at fresh memory', () => {
    expect(replay(large.aim, nothing, [firstLook]).progress).toMatchObject({
      voidPasses: 0,
      comparingPasses: 1,
    })
  })

  it('give up a burst when they follow each other', () => {
    const rows: Row[] = [firstLook, blocked, [6, 0, 0, 1, 236_610], [7, 0, 0, 0, 236_611]]
    const end = replay(large.aim, nothing, rows)
    expect(end.end).toEqual({ outcome: 'given-up', cause: 'no pass could compare' })
    expect(mayBringMore(endOf(end), end.progress, { foundPages: 103_900, leftPages: 103_900 })).toBe(true)
  })
})

describe('exhausted', () => {
  it('ends at a pass that compared all and brought nothing, with what changes left out', () => {
    const aim = { potentialPages: 40_000, savedPages: 0 }
    const rows: Row[] = [
      [4, 0, 0, 0, 100_000],
      [5, 9_000, 20_000, 60_000, 11_000],
      [6, 9_200, 20_100, 60_000, 10_700],
    ]
    const end = replay(aim, nothing, rows)
    expect(end).toMatchObject({ end: { outcome: 'exhausted', cause: 'plateau' }, freedPages: 20_100 })
    expect(mayBringMore(endOf(end), end.progress, { foundPages: 40_000, leftPages: 19_900 })).toBe(false)
  })

  it('doubts a plateau of which much was not compared: part of the tree may have been blocked', () => {
    const aim = { potentialPages: 40_000, savedPages: 0 }
    const rows: Row[] = [
      [4, 0, 0, 0, 100_000],
      [5, 300, 350, 9_000, 90_350],
      [6, 9_000, 30_000, 60_000, 1_000],
    ]
    expect(replay(aim, nothing, rows).end).toBeUndefined()
  })

  it('ends by diminishing returns where guests keep writing', () => {
    const aim = { potentialPages: 60_000, savedPages: 0 }
    const rows: Row[] = [
      [4, 0, 0, 0, 100_000],
      [5, 9_000, 25_000, 40_000, 26_000],
      [6, 9_500, 31_000, 38_000, 21_500],
      [7, 9_700, 32_400, 37_000, 20_900],
      [8, 9_900, 33_700, 36_000, 20_400],
    ]
    expect(replay(aim, nothing, rows)).toMatchObject({
      end: { outcome: 'exhausted', cause: 'diminishing returns' },
      looks: 4,
    })
  })
})

describe('given up', () => {
  const aim = { potentialPages: 100_000, savedPages: 0 }
  const slow = (pass: number): Row => [3 + pass, 1_000 * pass, 6_000 * pass, 50_000, 40_000, 2 * pass]

  it('comes when the most passes are done', () => {
    const rows = Array.from({ length: 9 }, (_, pass) => slow(pass + 1))
    expect(replay(aim, nothing, rows, { ...burstRule, maxPasses: 5 })).toMatchObject({
      end: { outcome: 'given-up', cause: 'too many passes' },
      passes: 5,
    })
  })

  it('comes when the CPU budget is spent', () => {
    const rows = Array.from({ length: 9 }, (_, pass) => slow(pass + 1))
    expect(replay(aim, nothing, rows, { ...burstRule, maxCpuSeconds: 5 })).toMatchObject({
      end: { outcome: 'given-up', cause: 'too much CPU' },
      passes: 3,
    })
  })
})

describe('pages of guests that have ended', () => {
  // Right after four guests of 60,000 shared sites had ended without unmerging: they leave pass by pass.
  const stale = {
    ...nothing,
    pagesShared: 20_000,
    pagesSharing: 67_000,
    pagesUnshared: 30_000,
    pagesVolatile: 900,
  }

  it('do not count against a burst', () => {
    const aim = { potentialPages: 56_500, savedPages: 0 }
    const end = replay(aim, stale, [
      [4, 2_000, 9_000, 1, 99_000],
      [5, 9_000, 21_000, 30_000, 40_000],
      [6, 11_000, 56_200, 40_000, 900],
    ])
    expect(end).toMatchObject({ end: { outcome: 'realised' }, freedPages: 56_200 })
  })

  it('do not count for it either, while ksmd has not passed them', () => {
    const aim = { potentialPages: 50_000, savedPages: 1_000 }
    expect(replay(aim, stale, [[3, 20_000, 66_000, 30_000, 1_900]]).end).toBeUndefined()
  })

  it('do not count the pass in which it began', () => {
    const aim = { potentialPages: 9_550, savedPages: 67_000 }
    const rows: Row[] = [
      [4, 20_000, 69_000, 30_000, 50],
      [5, 20_000, 76_500, 30_000, 50],
    ]
    expect(replay(aim, stale, rows)).toMatchObject({ end: { outcome: 'realised' }, passes: 1 })
  })
})

it('goes on from a journaled state as it was', () => {
  const begun = beginBurst(largeStart, large.aim)
  const first = followBurst(begun, counters(firstLook), burstRule).progress
  const revived = JSON.parse(JSON.stringify(first)) as typeof first
  expect(followBurst(revived, counters(blocked), burstRule)).toEqual(
    followBurst(first, counters(blocked), burstRule),
  )
})

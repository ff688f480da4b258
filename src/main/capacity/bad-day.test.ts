import { describe, expect, it } from 'vitest'
import { assessedWeb, assessmentOf, readingOf, webGuests } from '../../../test/fakes/capacity-inputs.ts'
import { type CapacityReading, policySchema } from '../../shared/contract/index.ts'
import { known, notKnown } from './answers.ts'
import { badDayOf, brokenBytesPerCoreSecond } from './bad-day.ts'

const MiB = 2 ** 20
const GiB = 1024 * MiB
const merged = webGuests.map((pid, index) => assessedWeb(pid, { mergedBytes: (index + 1) * 100 * MiB }))
const merging = { mergedBytes: GiB, scanning: true, breaksPerSecond: 0, bootBreaksPerSecond: 0 }
const read = (change: Partial<CapacityReading> = {}) => readingOf({ merging, ...change })
const inputs = {
  reading: read(),
  assessment: assessmentOf(merged),
  earlier: undefined,
  frees: known(0),
  reserve: known(100 * MiB),
  more: { guests: known(0), takes: known(GiB), mergedBytes: 0 },
  policy: undefined,
}
const memory = { ...readingOf().memory, freeBytes: 256 * MiB, availableBytes: 512 * MiB }

describe('the bad day', () => {
  it('ends nothing where all that is merged fits', () => {
    const day = badDayOf(inputs)
    expect(day.spare).toEqual(known(8 * GiB))
    expect(day.worstMissing).toEqual(known(0))
    expect(day.worstSeconds).toMatchObject({ kind: 'no-limit' })
  })

  it('says what is missing, and how soon, where it does not', () => {
    const day = badDayOf({ ...inputs, reading: read({ memory }) })
    expect(day.worstMissing).toEqual(known(512 * MiB))
    expect(day.worstSeconds).toEqual(known((512 * MiB) / (8 * brokenBytesPerCoreSecond)))
    expect(day.rateSeconds).toMatchObject({ kind: 'no-limit', because: 'no merged page has broken' })
  })

  it('misses nothing of what is merged yet: it frees as much as it takes when it breaks', () => {
    const frees = known(10 * GiB, 8 * GiB, 12 * GiB)
    const fits = badDayOf({ ...inputs, frees })
    expect(fits).toMatchObject({ merged: known(11 * GiB, 9 * GiB, 13 * GiB), worstMissing: known(0) })
    expect(fits.worstSeconds).toMatchObject({ kind: 'no-limit' })
    const day = badDayOf({ ...inputs, frees, reading: read({ memory }) })
    expect(day.spare).toEqual(known(10.5 * GiB, 8.5 * GiB, 12.5 * GiB))
    expect(day.worstMissing).toEqual(known(512 * MiB))
  })

  it('says what is missing once the saving is spent on guests that fit', () => {
    const frees = known(10 * GiB)
    const more = { guests: known(9, 8, 10), takes: known(GiB), mergedBytes: 512 * MiB }
    const { worstMissing, filled } = badDayOf({ ...inputs, frees, more })
    expect(worstMissing).toEqual(known(0))
    // 1 GiB merged and 8 spare; each guest takes 1 GiB, and half of that again when it breaks. 18 GiB spare with the merging.
    expect(filled.missing).toEqual(known(6.5 * GiB, 5 * GiB, 8 * GiB))
    expect(filled.worstSeconds).toMatchObject({ best: (9 * GiB) / (8 * brokenBytesPerCoreSecond) })
    const few = badDayOf({ ...inputs, frees, more: { ...more, guests: known(2) } })
    expect(few.filled).toMatchObject({ missing: known(0), worstSeconds: { kind: 'no-limit' } })
    const untold = badDayOf({ ...inputs, more: { ...more, guests: notKnown('nobody told') } })
    expect(untold.filled).toMatchObject({
      missing: notKnown('nobody told'),
      rateSeconds: notKnown('nobody told'),
    })
  })

  it('goes by the higher rate seen, and does not take an unreported one for none', () => {
    const rates = { ...merging, breaksPerSecond: 256, bootBreaksPerSecond: 25.6 }
    const day = badDayOf({ ...inputs, reading: read({ memory, merging: rates }) })
    expect(day.rate).toEqual(known(MiB, 0.1 * MiB))
    expect(day.rateSeconds).toEqual(known(512, 512, 5120))
    const seen = badDayOf({
      ...inputs,
      reading: read({ memory, merging: rates }),
      seenBreaksPerSecond: 512,
    })
    expect(seen.rate).toEqual(known(2 * MiB, 0.1 * MiB))
    const untold = read({ memory, merging: { mergedBytes: GiB, scanning: true } })
    expect(badDayOf({ ...inputs, reading: untold }).rateSeconds).toMatchObject({
      kind: 'not-known',
      because: expect.stringContaining('cow_ksm'),
    })
  })

  it('counts free swap as memory that pages can take', () => {
    const swap = { ...memory, swapTotalBytes: 2 * GiB, swapFreeBytes: GiB }
    expect(badDayOf({ ...inputs, reading: read({ memory: swap }) }).spare).toEqual(known(1.5 * GiB))
  })

  it('lists those with most to lose first, with what they broke and when the kernel would end them', () => {
    const before = merged.map((guest) => ({ ...guest, mergedBytes: guest.mergedBytes + 60 * MiB }))
    const earlier = assessmentOf(before, { at: 1_000_000 - 60_000 })
    const { hurt } = badDayOf({ ...inputs, earlier })
    expect(hurt.map(({ name }) => name)).toEqual(['web-4', 'web-3', 'web-2', 'web-1'])
    expect(hurt[0]).toMatchObject({ killedAs: 1, brokePerSecond: known(MiB) })
    expect(badDayOf(inputs).hurt[0]?.brokePerSecond).toMatchObject({ kind: 'not-known' })
  })

  it('says what the policy would do, or that none would', () => {
    const would = (change: Partial<typeof inputs>, ksm: object = {}) => {
      const policy = policySchema.parse({ ksm: { mode: 'govern', ...ksm } })
      return badDayOf({ ...inputs, ...change, policy }).policyWould.join(' ')
    }
    expect(badDayOf(inputs).policyWould.join(' ')).toContain('only the kernel acts')
    expect(would({})).toContain('evicts image cache of least worth')
    expect(would({})).toContain('stops KSM')
    expect(would({}, { reserveRatio: 0 })).toMatch(/keeps no reserve.*only the kernel acts/)
    const uncounted = read({ merging: { mergedBytes: GiB, scanning: true } })
    expect(would({ reading: uncounted })).toMatch(/does not count broken merges.*only the kernel acts/)
  })
})

import { describe, expect, it } from 'vitest'
import { assessedWeb, assessmentOf, readingOf, webGuests } from '../../../test/fakes/capacity-inputs.ts'
import { policySchema } from '../../shared/contract/index.ts'
import { known } from './answers.ts'
import { badDayOf, brokenBytesPerCoreSecond } from './bad-day.ts'

const MiB = 2 ** 20
const GiB = 1024 * MiB
const merged = webGuests.map((pid, index) => assessedWeb(pid, { mergedBytes: (index + 1) * 100 * MiB }))
const inputs = {
  reading: readingOf(),
  assessment: assessmentOf(merged),
  earlier: undefined,
  merged: known(GiB),
  reserve: known(100 * MiB),
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
    const day = badDayOf({ ...inputs, reading: readingOf({ memory }) })
    expect(day.worstMissing).toEqual(known(512 * MiB))
    expect(day.worstSeconds).toEqual(known((512 * MiB) / (8 * brokenBytesPerCoreSecond)))
    expect(day.rateSeconds).toMatchObject({ kind: 'no-limit', because: 'no merged page has broken' })
  })

  it('goes by the higher rate seen, and does not take an unreported one for none', () => {
    const merging = { mergedBytes: GiB, scanning: true, breaksPerSecond: 256, bootBreaksPerSecond: 25.6 }
    const day = badDayOf({ ...inputs, reading: readingOf({ memory, merging }) })
    expect(day.rate).toEqual(known(MiB, 0.1 * MiB))
    expect(day.rateSeconds).toEqual(known(512, 512, 5120))
    const seen = badDayOf({ ...inputs, reading: readingOf({ memory, merging }), seenBreaksPerSecond: 512 })
    expect(seen.rate).toEqual(known(2 * MiB, 0.1 * MiB))
    const untold = readingOf({ memory, merging: { mergedBytes: GiB, scanning: true } })
    expect(badDayOf({ ...inputs, reading: untold }).rateSeconds).toMatchObject({
      kind: 'not-known',
      because: expect.stringContaining('cow_ksm'),
    })
  })

  it('counts free swap as memory that pages can take', () => {
    const swap = { ...memory, swapTotalBytes: 2 * GiB, swapFreeBytes: GiB }
    expect(badDayOf({ ...inputs, reading: readingOf({ memory: swap }) }).spare).toEqual(known(1.5 * GiB))
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
    expect(badDayOf(inputs).policyWould.join(' ')).toContain('only the kernel acts')
    const policy = policySchema.parse({ ksm: { mode: 'govern' } })
    const would = badDayOf({ ...inputs, policy }).policyWould.join(' ')
    expect(would).toContain('evicts image cache of least worth')
    expect(would).toContain('stops KSM')
  })
})

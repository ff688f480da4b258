import { describe, expect, it } from 'vitest'
import { assessedWeb, assessmentOf, readingOf, webGuests } from '../../../test/fakes/capacity-inputs.ts'
import { capacity as capacitySchema, policySchema } from '../../shared/contract/index.ts'
import { type CapacityInputs, estimateCapacity } from './estimate.ts'

const MiB = 2 ** 20
const GiB = 1024 * MiB
const govern = policySchema.parse({ ksm: { mode: 'govern', reserveRatio: 0, reserveBytes: 0 } })
const web = webGuests.map((pid) => assessedWeb(pid))

function estimate(change: Partial<CapacityInputs> = {}) {
  const document = estimateCapacity({
    hostId: 'h1',
    hostName: 'kvm1',
    at: 1_060_000,
    reading: readingOf(),
    assessment: assessmentOf(web),
    earlier: undefined,
    like: 'web-3',
    running: undefined,
    asked: { policy: govern, title: 'under govern' },
    ...change,
  })
  const [now, policy] = document.scenarios
  if (now === undefined || policy === undefined) throw new Error('two scenarios are always there')
  return { document: capacitySchema.parse(document), now, policy }
}

const best = (answer: { readonly kind: string }) => (answer as { best?: number }).best

/** Guests whose growth is known to be none. */
const grown = web.map((guest) => ({ ...guest, ramBytes: guest.residentBytes }))

describe('the estimate of capacity', () => {
  it('divides what there is by what one more takes, with the whole of it where nothing merges', () => {
    const { now } = estimate({ assessment: assessmentOf(grown) })
    // 6 GiB free, 2 of cache, less half of the half that guests do not hold.
    expect(best(now.room)).toBe(8 * GiB - 256 * MiB)
    // Resident, page tables, 64 MiB of QEMU's own, 64 bytes for each page.
    const takes = 1536 * MiB + 68 * MiB + (1536 * MiB) / 64
    expect(best(now.takes)).toBe(takes)
    expect(best(now.resources[0]?.guests ?? now.guests)).toBe(Math.floor((8 * GiB - 256 * MiB) / takes))
  })

  it('counts unique pages only, and what is still mergeable, under a policy that merges', () => {
    const { now, policy } = estimate({ assessment: assessmentOf(grown) })
    expect(policy.merges).toBe(true)
    expect(best(policy.takes)).toBeCloseTo(1536 * MiB - 0.95 * GiB + 68 * MiB + 24 * MiB, -6)
    expect(best(policy.room)).toBeCloseTo((best(now.room) ?? 0) + 0.95 * 4 * 768 * MiB, -6)
    expect(best(policy.guests)).toBeGreaterThan((best(now.guests) ?? 0) * 2 - 1)
  })

  it('names the resource that ends it first', () => {
    const { now } = estimate()
    expect(now.endsFirst).toBe('memory')
    const busy = estimate({ reading: readingOf({ busyCores: 6.9 }) }).now
    expect(busy.endsFirst).toBe('cpu')
    // 0.3 cores are left, and one guest uses half a core at the higher of the two rates.
    expect(best(busy.guests)).toBe(0)
  })

  it('takes reads for a limit by the share that one guest has in the work of the disks', () => {
    const reading = readingOf()
    const guests = reading.guests.map((guest) => ({
      ...guest,
      fetchedPerSecond: MiB,
      lifeFetchedPerSecond: MiB,
    }))
    const { now } = estimate({ reading: { ...reading, guests, storage: { busyRatio: 0.6, reads: 900 } } })
    expect(now.endsFirst).toBe('reads')
    // A quarter of 0.6 for one, 0.2 left.
    expect(best(now.guests)).toBe(1)
  })

  it('says why a figure is not known, and never takes it for 0', () => {
    const { storage: _, busyCores: __, merging: ___, ...rest } = readingOf()
    const { document, now } = estimate({ reading: rest })
    const [, cpu, reads] = now.resources
    expect(cpu?.guests).toMatchObject({ kind: 'not-known', because: expect.stringContaining('/proc/stat') })
    expect(reads?.guests).toMatchObject({ kind: 'not-known', because: expect.stringContaining('no disk') })
    expect(document.memory.mergedBytes).toMatchObject({ kind: 'not-known' })
    expect(now.badDay.rate).toMatchObject({ kind: 'not-known', because: 'this kernel has no KSM' })
    expect(document.overcommit.committed).toMatchObject({ kind: 'not-known' })
    expect(now.guests.kind).toBe('known')
  })

  it('merges nothing on a kernel without KSM, whatever the policy says', () => {
    const { merging: _, ...reading } = readingOf()
    const { now, policy } = estimate({ reading })
    expect(policy).toMatchObject({ merges: false, room: now.room, takes: now.takes, guests: now.guests })
    expect(policy.badDay.filled.missing).toMatchObject({
      kind: 'not-known',
      because: 'this kernel has no KSM',
    })
  })

  it.each([
    ['KSM may not merge', { why: [{ code: 'shared-ram' as const, text: '' }] }, undefined],
    ['the policy keeps KSM away from', {}, ['web-3']],
  ])('takes the whole of a guest that %s', (_, change, exclude) => {
    const guests = grown.map((guest) =>
      guest.name === 'web-3'
        ? { ...guest, ...change, ...(exclude === undefined && { mergeableBytes: 0 }) }
        : guest,
    )
    const excluding = policySchema.parse({ ksm: { mode: 'govern', reserveRatio: 0, exclude: exclude ?? [] } })
    const asked = { policy: excluding, title: 'under govern' }
    const { now, policy } = estimate({ assessment: assessmentOf(guests), asked })
    expect(policy.takes).toEqual(now.takes)
    // What the three others still free.
    expect((best(policy.room) ?? 0) - (best(now.room) ?? 0)).toBeCloseTo(0.95 * 3 * 768 * MiB, -6)
    expect(estimate({ assessment: assessmentOf(guests), asked, like: 'web-1' }).policy.takes).not.toEqual(
      now.takes,
    )
  })

  it('does not know how many fit of a guest in reserved huge pages', () => {
    const why = [{ code: 'hugetlb-ram' as const, text: '' }]
    const { now } = estimate({ assessment: assessmentOf(grown.map((guest) => ({ ...guest, why }))) })
    expect(now.guests).toMatchObject({ kind: 'not-known', because: expect.stringContaining('huge pages') })
    expect(now.badDay.filled.missing).toEqual(now.guests)
  })

  it('counts what of a guest is swapped, and not what the kernel maps for nothing', () => {
    const takesWith = (memory: object, guest: object, assessed: object = {}) => {
      const reading = readingOf()
      const guests = reading.guests.map((one) => ({ ...one, ...guest }))
      const changed = { ...reading, memory: { ...reading.memory, ...memory }, guests }
      const assessment = assessmentOf(grown.map((one) => ({ ...one, ramBytes: 4 * GiB, ...assessed })))
      return estimate({ reading: changed, assessment }).now.takes
    }
    const swap = { swapTotalBytes: 4 * GiB, swapFreeBytes: GiB }
    const [without, swapped] = [takesWith({}, {}), takesWith(swap, { swapBytes: GiB })]
    expect((best(swapped) ?? 0) - (best(without) ?? 0)).toBe(GiB)
    // All of its RAM is the most that it takes.
    expect(swapped).toMatchObject({ high: (without as { high: number }).high })
    expect(takesWith(swap, {})).toMatchObject({
      kind: 'not-known',
      because: expect.stringContaining('VmSwap'),
    })
    // Zero pages are in no RSS: what it has beside them is QEMU's own.
    const zeros = takesWith({}, {}, { freedZeroBytes: 100 * MiB })
    expect((best(zeros) ?? 0) - (best(without) ?? 0)).toBe(100 * MiB)
  })

  it('is not known where a part of what one more takes is not', () => {
    const reading = readingOf()
    const guests = reading.guests.map(({ pageTableBytes: _, ...guest }) => guest)
    expect(estimate({ reading: { ...reading, guests } }).now.guests).toMatchObject({
      kind: 'not-known',
      because: expect.stringContaining('VmPTE'),
    })
  })

  it('knows nothing of more guests where none runs to go by', () => {
    const { document, now } = estimate({
      assessment: assessmentOf([]),
      reading: readingOf({ guests: [] }),
      like: undefined,
    })
    expect(document.like).toBeUndefined()
    expect(now.guests).toMatchObject({ kind: 'not-known', because: 'no guest runs here to compare with' })
    expect(now.safeOvercommit.kind).toBe('not-known')
  })

  it('stays within the control group of the guests', () => {
    const limit = { groups: ['/guests'], limitBytes: 7 * GiB, usedBytes: 6 * GiB, cacheBytes: GiB }
    const { document, now } = estimate({ reading: readingOf({ limit }) })
    expect(document.memory).toMatchObject({ limitBytes: 7 * GiB, freeBytes: GiB })
    expect(best(now.room)).toBe(2 * GiB - 256 * MiB)
    const { cacheBytes: _, ...untold } = limit
    expect(estimate({ reading: readingOf({ limit: untold }) }).now.guests).toMatchObject({
      kind: 'not-known',
    })
  })

  it.each([
    // All limits promise more than the host has.
    ['above what the host has', { limitBytes: 40 * GiB, usedBytes: 6 * GiB, cacheBytes: GiB }],
    [
      'that others on the host leave no room for',
      { limitBytes: 15 * GiB, usedBytes: 4 * GiB, cacheBytes: GiB },
    ],
  ])('counts no cache twice under a limit %s', (_, change) => {
    const limit = { groups: ['/guests'], ...change }
    const { document, now } = estimate({ reading: readingOf({ limit }) })
    // MemAvailable is 8 GiB, of which 6 are free.
    expect(document.memory).toMatchObject({ freeBytes: 6 * GiB, reclaimable: { best: 2 * GiB } })
    expect(best(now.room)).toBe(8 * GiB - 256 * MiB)
    expect(now.badDay.spare).toMatchObject({ best: 8 * GiB })
  })

  it('takes growth from an earlier assessment, and widens the interval to the RAM without one', () => {
    const alone = estimate()
    expect(alone.document.like?.growth).toMatchObject({ kind: 'not-known' })
    expect(alone.now.takes).toMatchObject({ kind: 'known', high: expect.any(Number) })
    const high = (alone.now.takes as { high: number }).high
    expect(high).toBeGreaterThanOrEqual(2 * GiB)
    const smaller = web.map((guest) => ({ ...guest, residentBytes: guest.residentBytes - 100 * MiB }))
    const earlier = assessmentOf(smaller, { at: 1_000_000 - 600_000 })
    expect(estimate({ earlier }).document.like?.growth).toEqual({
      kind: 'known',
      best: 100 * MiB,
      low: 0,
      high: 512 * MiB,
    })
  })

  it('keeps a reserve for what is merged, that of new guests included', () => {
    const merged = assessmentOf(
      grown.map((guest) => ({ ...guest, mergedBytes: 700 * MiB, mergeableBytes: 0 })),
    )
    const reading = readingOf({ merging: { mergedBytes: 2800 * MiB, scanning: true } })
    const reserved = policySchema.parse({ ksm: { mode: 'govern', reserveRatio: 0.5 } })
    const without = estimate({ assessment: merged, reading })
    const kept = estimate({
      assessment: merged,
      reading,
      asked: { policy: reserved, title: 'under a reserve' },
    })
    expect(best(kept.policy.reserve)).toBe(1400 * MiB)
    expect(best(kept.policy.guests)).toBeLessThan(best(without.policy.guests) ?? 0)
  })

  it('tells an assessment of other guests from one of these', () => {
    expect(estimate().document.stale).toBeUndefined()
    const gone = assessmentOf([...web, assessedWeb(105)])
    expect(estimate({ assessment: gone }).document.stale).toContain('0 started, 1 ended')
  })

  it('says what overcommit is safe by measurement', () => {
    const { document, now } = estimate()
    expect(document.overcommit).toMatchObject({ promisedBytes: 8 * GiB, physicalBytes: 16 * GiB, ratio: 0.5 })
    const count = best(now.guests) ?? 0
    expect(best(now.safeOvercommit)).toBe((8 + 2 * count) / 16)
  })

  it('is refused for figures that no host has, each of which is within its bounds', () => {
    const most = Number.MAX_SAFE_INTEGER
    const liars = [
      { assessment: assessmentOf(web.map((guest) => ({ ...guest, ramBytes: most }))) },
      { seenBreaksPerSecond: 1e300 },
    ]
    for (const liar of liars)
      expect(() => estimate(liar)).toThrow(expect.objectContaining({ code: 'protocol' }))
  })
})

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Assessment, assessment } from '../../src/shared/contract/assessment.ts'
import { memoryMap, type PageState } from '../../src/shared/contract/memory-map.ts'
import { scrubResult } from '../../src/shared/contract/page-cache.ts'
import {
  dropCache,
  type EngineLab,
  type Expected,
  type ExpectedCached,
  measureAround,
  measureExpected,
  measureMap,
  upEngineLab,
} from '../beds/engine/engine-lab.ts'
import { readKsmSavedBytes } from '../beds/engine/expect-burst.ts'
import { expectCellsAddUp, expectCellTruth, expectMapTruth } from '../beds/engine/expect-map.ts'
import { expectClose, expectGuestTruth, expectImageTruth } from '../beds/engine/expect-truth.ts'
import { HelperSession } from '../beds/engine/helper-session.ts'
import { khugepagedSleeps } from '../beds/engine/khugepaged.ts'
import { expectUntouched } from '../beds/engine/untouched.ts'
import { isRoot } from '../beds/is-root.ts'

const KSM = '/sys/kernel/mm/ksm'

/** All that can be set. */
function readKsmFiles(): Record<string, string> {
  const names = readdirSync(KSM).filter((name) => (statSync(`${KSM}/${name}`).mode & 0o200) !== 0)
  return Object.fromEntries(names.map((name) => [name, readFileSync(`${KSM}/${name}`, 'utf8')]))
}

describe.skipIf(!isRoot)('assess', () => {
  khugepagedSleeps()
  let lab: EngineLab
  beforeAll(async () => {
    lab = await upEngineLab([{}, { format: 'qcow2' }, { cacheMode: 'none', memMerge: false }])
  })
  afterAll(() => lab?.down())

  describe('in each of its ways', () => {
    const ways = ['', ' --pagemap-entries', ' --threads 2', ' --cpu-percent 50']
    const found = new Map<string, Assessment>()
    let looks: { readonly before: Expected; readonly after: ExpectedCached }
    beforeAll(async () => {
      // The independent program takes longest: guests stand still for all ways together.
      looks = await lab.whileStopped(() =>
        measureAround(lab, async () => {
          for (const way of ways) found.set(way, await lab.helperJson(`assess${way}`, assessment))
        }),
      )
    })

    it.each(ways)('finds what an independent program finds%s', (way) => {
      const one = found.get(way)
      if (one === undefined) throw new Error(`cannot compare: there is no assessment${way}`)
      expect(one.unreadable).toEqual([])
      if (way === '') expect(one.cost.peakRssBytes).toBeLessThanOrEqual(boundOf(looks.before))
      expect(one.totals.mergeableBytes).toBeGreaterThan(20 * 2 ** 20)
      expectGuestTruth(lab, one, looks.before, looks.after)
      expectImageTruth(one, looks.before, looks.after)
    })
  })

  it('maps each page into one state, whose bytes add up to what an independent program finds', () =>
    inSession(lab, (session) =>
      lab.whileStopped(async () => {
        const take = async () => memoryMap.parse((await session.call('map/take')).result)
        const { before, done: map, after } = await measureAround(lab, take)
        expectMapTruth(lab, map, before, after)
        await expectCellsAddUp(map, session)
        await expectUntouched(lab.images, () => session.call('map/take'))
      }),
    ))

  it('maps each page where an independent program finds it, in every cell', () =>
    inSession(lab, (session) =>
      lab.whileStopped(() => expectMapped(lab, session, ['zero', 'identicalBetween', 'unique'])),
    ))

  describe('and what only looks', () => {
    beforeAll(async () => {
      // Half of every image goes, so that there are absent pages beside resident ones to be faulted in by mistake.
      for (const image of lab.images) {
        const { size } = statSync(image)
        for (let at = 0; at < size; at += 2 ** 20) await dropCache(image, at, at + 2 ** 19)
      }
    })

    it.each([
      ['assess', () => lab.helperJson('assess', assessment)],
      ['scrub --dry-run', () => lab.helperJson('scrub --dry-run', scrubResult)],
    ])('leaves residency, page by page, and KSM as found: %s', async (_name, look) => {
      await lab.whileStopped(async () => {
        const ksm = readKsmFiles()
        await expectUntouched(lab.images, look)
        expect(readKsmFiles()).toEqual(ksm)
      })
    })
  })

  it('says what cannot be merged or scrubbed, and why', async () => {
    const found = await lab.helperJson('assess', assessment)
    const direct = found.images.filter((image) => image.cacheMode === 'direct')
    expect(direct.map((image) => image.notApplicable?.code)).toEqual(['direct-io'])
    expect(found.images.map((image) => image.format).sort()).toContain('qcow2')
    const codes = found.guests.map((guest) =>
      guest.why.map(({ code }) => code).filter((c) => c !== 'huge-pages'),
    )
    expect(codes).toEqual([[], [], ['mem-merge-off']])
    expect(found.guests[2]?.mergeableBytes).toBe(0)
    expect(found.guests[2]?.identicalBytes).toBeGreaterThan(20 * 2 ** 20)
  })

  it('shares the saving of merged frames out over the guests', async () => {
    expect((await lab.helper('ksm start --pages-to-scan 20000 --sleep-ms 10')).code).toBe(0)
    try {
      await expect
        .poll(async () => (await lab.helperJson('assess', assessment)).totals.mergedBytes, {
          timeout: 60_000,
        })
        .toBeGreaterThan(20 * 2 ** 20)
      const { found, expected, after } = await lab.whileStopped(async () => {
        await passesOfKsmd(2)
        expect((await lab.helper('ksm stop')).code).toBe(0)
        await inSession(lab, (session) => expectMapped(lab, session, ['zero', 'merged', 'unique']))
        return await measureWhileKsmRests(lab)
      })
      // Copying a merged page with process_vm_readv would unmerge it.
      expect(after.guests).toEqual(expected.guests)
      expectGuestTruth(lab, found, expected, after)
      expectClose(found.totals.mergedBytes, readKsmSavedBytes(), "merged, by KSM's counters")
      await inSession(lab, (session) => expectSameWhenRepeated(lab, session))
    } finally {
      expect((await lab.helper('ksm restore')).code).toBe(0)
    }
  })

  it('names the privilege that is missing', async () => {
    const result = await lab.helper('assess --json', 'setpriv --bounding-set=-sys_ptrace')
    expect(result.code).toBe(1)
    expect(JSON.parse(result.stdout)).toMatchObject({ problem: { code: 'not-permitted' } })
    expect(result.stderr).toContain('CAP_SYS_PTRACE')
  })
})

/**
 * Lets ksmd see every page anew: `pages_sharing` counts a page that its guest has written to, or a guest that has
 * ended, until ksmd comes by (mm/ksm.c, remove_rmap_item_from_tree).
 */
async function passesOfKsmd(count: number): Promise<void> {
  const passes = () => Number(readFileSync(`${KSM}/full_scans`, 'utf8'))
  const wanted = passes() + count
  await expect.poll(passes, { timeout: 60_000 }).toBeGreaterThanOrEqual(wanted)
}

/**
 * What a scan may hold: 64 MiB, 8 MiB for the thread that watches its reads (docs/decisions/reads-that-never-end.md), and
 * 20 bytes for each page of the guests or of the images, whichever are fewer.
 */
function boundOf({ guests, images }: Expected): number {
  const count = (all: Record<string, { residentPages: number }>) =>
    Object.values(all).reduce((sum, { residentPages }) => sum + residentPages, 0)
  return 72 * 2 ** 20 + 20 * Math.min(count(guests), count(images))
}

/** KSM is one for the whole machine: figures count only where nobody else has merged or unmerged meanwhile. */
async function measureWhileKsmRests(lab: EngineLab) {
  for (let attempt = 1; ; attempt += 1) {
    const before = readSharing()
    const expected = await measureExpected(lab)
    const found = await lab.helperJson('assess', assessment)
    const after = await measureExpected(lab)
    if (before === readSharing()) return { found, expected, after }
    if (attempt === 5) throw new Error('cannot compare merged pages: something else keeps KSM at work')
  }
}

/** A session that has assessed before knows merged frames, reads less, and finds the same as one that has not. */
async function expectSameWhenRepeated(lab: EngineLab, session: HelperSession): Promise<void> {
  const assessed = async () => assessment.parse((await session.call('assess')).result)
  // The kernel may take pages of the images away meanwhile; those of stopped guests stay.
  const heldIn = ({ guests, sharing, totals: { mergeableBytes } }: Assessment) => ({
    guests: guests.map((guest) => ({ ...guest, doubleCachedBytes: 0 })),
    sharing,
    mergeableBytes,
  })
  const last = await lab.whileStopped(async () => {
    const first = await assessed()
    const second = await assessed()
    expect(heldIn(second)).toEqual(heldIn(first))
    expect(first.cost.hashedBytes - second.cost.hashedBytes).toBeGreaterThan(10 * 2 ** 20)
    const third = await assessed()
    expect(heldIn(third)).toEqual(heldIn(first))
    return third
  })
  // Some of what was merged is written to.
  await lab.host.guests[0]?.command('dd if=/dev/urandom of=/changed bs=1M count=8')
  await lab.whileStopped(async () => {
    const changed = await assessed()
    expect(heldIn(changed)).toEqual(heldIn(await lab.helperJson('assess', assessment)))
    expect(heldIn(changed)).not.toEqual(heldIn(last))
  })
}

/** Guests stand still. `states`: the program must find some page in each. */
async function expectMapped(
  lab: EngineLab,
  session: HelperSession,
  states: readonly PageState[],
): Promise<void> {
  const before = await measureMap(lab)
  const map = memoryMap.parse((await session.call('map/take')).result)
  await expectCellTruth(lab, map, session, [before, await measureMap(lab)], states)
}

/** The session ends with the work. */
async function inSession(lab: EngineLab, work: (session: HelperSession) => Promise<void>): Promise<void> {
  const session = new HelperSession(writeEntry(lab), ['--read-only'], process.env)
  try {
    await work(session)
  } finally {
    session.child.stdin.end()
    await session.ended
  }
}

/** A program that is the helper inside the lab host, where only the lab's guests are in sight. */
function writeEntry(lab: EngineLab): string {
  const enter = `${lab.program}-in-host`
  const script = `#!/bin/sh\nexec nsenter --target ${lab.host.initPid} --pid --mount --uts '${lab.program}' "$@"\n`
  writeFileSync(enter, script, { mode: 0o755 })
  return enter
}

function readSharing(): string {
  return ['pages_shared', 'pages_sharing', 'ksm_zero_pages']
    .map((name) => readFileSync(`${KSM}/${name}`, 'utf8'))
    .join()
}

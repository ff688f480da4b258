// Guests of gigabytes in huge pages with zeros in them: figures against the independent program, before and after
// scrubbing, splitting, merging and unmerging, and what a burst brings.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assessment } from '../../src/shared/contract/assessment.ts'
import { ksmStatus } from '../../src/shared/contract/ksm.ts'
import { scrubResult } from '../../src/shared/contract/page-cache.ts'
import { compareTruth } from '../beds/engine/compare-truth.ts'
import { type EngineLab, readResidency, restoreAndDown, upEngineLab } from '../beds/engine/engine-lab.ts'
import { expectFreed, expectRealised } from '../beds/engine/expect-burst.ts'
import { expectClose } from '../beds/engine/expect-truth.ts'
import { governUntilDone } from '../beds/engine/govern-until-done.ts'
import { khugepagedSleeps } from '../beds/engine/khugepaged.ts'
import { startBurst } from '../beds/engine/start-burst.ts'
import { isRoot } from '../beds/is-root.ts'
import type { LabGuest } from '../beds/lab/lab.ts'
import { waitUntil } from '../beds/lab/processes.ts'
import { largeGuests, standInPages } from '../beds/lab/stand-in-guest.ts'

const PAGE = 4096
// `npm run bench -- large` takes 3000 MiB each.
const SIZES = { ramMiB: 512, imageMiB: 384 }
const MINUTES = 60_000

describe.skipIf(!isRoot)('guests of gigabytes in huge pages', () => {
  khugepagedSleeps()
  let lab: EngineLab
  beforeAll(async () => {
    lab = await upEngineLab(largeGuests(SIZES))
  })
  afterAll(() => restoreAndDown(lab))

  it(
    'has figures that an independent program finds, and that the guests were made with',
    async () => {
      const { found, expected } = await compareTruth(lab)
      const laid = standInPages({ ramMiB: SIZES.ramMiB, zeroPercent: 10, commonPercent: 40 })
      for (const guest of lab.host.guests.slice(0, 4)) {
        const wanted = expected.guests[guest.pid]
        expect(wanted).toMatchObject({ residentPages: laid.resident, zeroPages: laid.zero, mergedPages: 0 })
        // Own pages occur once; the image is in the fifth guest's RAM only.
        expect(wanted?.identicalPages).toBe(laid.zero + laid.common)
      }
      const image = found.images[0]
      // The independent program counted what is there now; the kernel may have taken some of it back already.
      const imageBytes = SIZES.imageMiB * 2 ** 20
      expect(image?.doubleCachedBytes).toBeGreaterThan(0.5 * imageBytes)
      expect(image?.doubleCachedBytes).toBeLessThanOrEqual(imageBytes)
    },
    2 * MINUTES,
  )

  it(
    'scrubs what the guest with the image holds',
    async () => {
      // Right before, as the kernel takes cold page cache back by itself.
      const residentPages = await countResidentPages(lab)
      const scrubbed = await lab.helperJson('scrub', scrubResult)
      expect(residentPages * PAGE).toBeGreaterThan(0.5 * SIZES.imageMiB * 2 ** 20)
      expectClose(scrubbed.images[0]?.evictedBytes ?? 0, residentPages * PAGE, 'evicted')
      const { expected } = await compareTruth(lab)
      expectClose(
        (expected.images[lab.images[0] ?? '']?.residentPages ?? Number.NaN) * PAGE,
        0,
        'left in the cache',
      )
    },
    2 * MINUTES,
  )

  it(
    'counts zeros that a split gives back, and no page twice',
    async () => {
      const [guest] = lab.host.guests
      if (guest === undefined) throw new Error('no guest')
      await split(guest)
      const { found } = await compareTruth(lab)
      const measured = found.guests.find(({ pid }) => pid === guest.pidInHost)
      // A page map of more than 512 regions in each window of the scan.
      expectClose(measured?.freedZeroBytes ?? Number.NaN, (SIZES.ramMiB / 2) * 51 * PAGE, 'zeros given back')
    },
    2 * MINUTES,
  )

  it(
    'merges at least 95 % of what it measured in one burst, and agrees with the kernel on it',
    async () => {
      const before = await lab.helperJson('assess', assessment)
      const ended = await lab.helperJsonOutside('ksm start', ksmStatus)
      const { found } = await compareTruth(lab)
      expectRealised(before, ended, found)
    },
    5 * MINUTES,
  )

  it(
    'says that a second burst has nothing to win, and lets ksmd rest',
    async () => {
      const before = await lab.helperJsonOutside('ksm status', ksmStatus)
      const { code, status: again } = await startBurst(lab)
      expect(code).toBe(5)
      expect(again.burst?.state).toBe('not-worth-it')
      expect(again.settings.run).toBe(0)
      expect(again.counters.pagesScanned).toBe(before.counters.pagesScanned)
    },
    2 * MINUTES,
  )

  it(
    'has the same figures once all is unmerged',
    async () => {
      await lab.helperJsonOutside('ksm unmerge', ksmStatus)
      const { found } = await compareTruth(lab)
      expect(found.totals.mergedBytes).toBe(0)
    },
    2 * MINUTES,
  )
})

describe.skipIf(!isRoot)('govern on guests of gigabytes in huge pages', () => {
  khugepagedSleeps()
  let lab: EngineLab
  beforeAll(async () => {
    lab = await upEngineLab(largeGuests({ ramMiB: 512 }))
  })
  afterAll(() => lab?.down())

  it(
    'frees at least 95 % of what it measured, and says that it is realised',
    async () => {
      const before = await lab.helperJson('assess', assessment)
      const decisions = await governUntilDone(lab, 3 * MINUTES)
      const { found } = await compareTruth(lab)
      expect(decisions.join('\n')).toMatch(/realised by measurement/)
      expectFreed(before, found)
    },
    5 * MINUTES,
  )
})

async function split(guest: LabGuest): Promise<void> {
  process.kill(guest.pid, 'SIGUSR1')
  await waitUntil(
    () => readFileSync(guest.serialLog, 'utf8').includes('split'),
    60_000,
    () => `cannot split the huge pages of ${guest.name}`,
  )
}

async function countResidentPages(lab: EngineLab): Promise<number> {
  const [residency = ''] = Object.values(await readResidency(lab.images))
  return [...residency].filter((page) => page === '1').length
}

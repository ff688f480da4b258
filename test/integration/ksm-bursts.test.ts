// How bursts end, on stand-ins for guests in huge pages with zeros in them; what `npm run bench -- large` does at length.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assessment } from '../../src/shared/contract/assessment.ts'
import { type EngineLab, restoreAndDown, upEngineLab } from '../beds/engine/engine-lab.ts'
import { expectRealised, readKsmSavedBytes, savedBytes } from '../beds/engine/expect-burst.ts'
import { expectClose } from '../beds/engine/expect-truth.ts'
import { khugepagedSleeps } from '../beds/engine/khugepaged.ts'
import { startBurst } from '../beds/engine/start-burst.ts'
import { isRoot } from '../beds/is-root.ts'
import type { LabGuest } from '../beds/lab/lab.ts'
import { buildMemoryStandIn, startMemoryStandIn } from '../beds/lab/memory-stand-in.ts'
import { identify, killAll, waitUntil } from '../beds/lab/processes.ts'
import { largeGuests } from '../beds/lab/stand-in-guest.ts'

const ramMiB = 256
/** Of each of two guests that hold the same. */
const newMiB = 128
/** For a burst, two looks and what a busy machine makes of them. */
const patienceMs = 240_000

describe.skipIf(!isRoot)('bursts of KSM', () => {
  khugepagedSleeps()
  let lab: EngineLab
  beforeAll(async () => {
    lab = await upEngineLab(largeGuests({ ramMiB }))
  })
  afterAll(() => restoreAndDown(lab))

  it(
    'realise what was measured, without a void pass',
    async () => {
      const before = await lab.helperJsonOutside('assess', assessment)
      const { code, status } = await startBurst(lab, 120_000)
      expect(code).toBe(0)
      expectRealised(before, status, await lab.helperJsonOutside('assess', assessment))
      expect(status.burst).toMatchObject({
        cause: 'potential reached',
        potentialBytes: before.totals.mergeableBytes,
        hugePages: { beforeBytes: expect.any(Number), afterMergingBytes: expect.any(Number) },
      })
      expect(status.burst).not.toHaveProperty('voidPasses')
      expect(status.settings.run).toBe(0)
    },
    patienceMs,
  )

  it(
    'do not begin where there is nothing to win',
    async () => {
      const scansBefore = readKsm('full_scans')
      const { code, status } = await startBurst(lab, 120_000)
      expect(code).toBe(5)
      expect(status.burst?.state).toBe('not-worth-it')
      expect(status.burst?.thresholdBytes).toBeGreaterThan(status.burst?.potentialBytes ?? Number.NaN)
      expect(status.settings.run).toBe(0)
      expect(readKsm('full_scans')).toBe(scansBefore)
    },
    patienceMs,
  )

  it(
    'give back huge pages that were split in vain, and none with a merged page',
    async () => {
      const [guest] = lab.host.guests
      if (guest === undefined) throw new Error('no guest')
      const savedBefore = savedBytes(await lab.helperJsonOutside('assess', assessment))
      // Half of its RAM gets contents of its own: nothing there is merged any more. The other half is written as it was.
      await rewrite(guest)
      const { code, status } = await startBurst(lab, 120_000)
      expect(code).toBe(0)
      const given = status.burst?.hugePages
      console.log(JSON.stringify(given))
      const half = (ramMiB / 2) * 2 ** 20
      expect(given?.givenBackBytes).toBeGreaterThanOrEqual(0.9 * half)
      expect(given?.givenBackBytes).toBeLessThanOrEqual(half)
      // Merged pages stay merged. In half of one guest of four the writing took common contents and zeros: zeros that were
      // written as they were are merged now, and were given back by the split before.
      const after = await lab.helperJsonOutside('assess', assessment)
      const [common, zero] = [0.4, 0.1]
      const expected = (2.5 * common + 3.5 * zero) / (3 * common + 4 * zero)
      expectClose(savedBytes(after), expected * savedBefore, 'saved after the writing')
      expect(after.totals.mergeableBytes).toBeLessThanOrEqual(0.02 * savedBefore)
      const audit = readFileSync(join(dirname(lab.program), 'state/audit.jsonl'), 'utf8')
      expect(audit).toContain('"ksm give huge pages back"')
    },
    patienceMs,
  )

  it(
    'realise what new guests have, right after others ended with all that was merged',
    async () => {
      const program = await buildMemoryStandIn(lab.folder)
      await killAll(lab.host.guests.map(({ pid }) => identify(pid)))
      // The kernel counts pages of guests that have ended until ksmd comes by: more than the new ones can free.
      const left = readKsmSavedBytes()
      expect(left).toBeGreaterThan(1.5 * newMiB * 2 ** 20)
      for (const name of ['new-1', 'new-2'])
        await startMemoryStandIn(lab.host, program, name, [`${newMiB * 1024},huge,zero=10,seed=9`])
      const before = await lab.helperJsonOutside('assess', assessment)
      expect(readKsmSavedBytes()).toBe(left)
      const { code, status } = await startBurst(lab, 120_000)
      expect(code).toBe(0)
      expectRealised(before, status, await lab.helperJsonOutside('assess', assessment))
    },
    patienceMs,
  )
})

async function rewrite(guest: LabGuest): Promise<void> {
  process.kill(guest.pid, 'SIGUSR2')
  await waitUntil(
    () => readFileSync(guest.serialLog, 'utf8').includes('written'),
    60_000,
    () => `cannot rewrite the RAM of ${guest.name}`,
  )
}

function readKsm(file: string): number {
  return Number(readFileSync(`/sys/kernel/mm/ksm/${file}`, 'utf8'))
}

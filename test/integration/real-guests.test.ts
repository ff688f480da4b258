// Debian guests on default devices: figures against the independent program, fresh, at work, after a scrub and after a
// burst, on a raw image and on overlays of one base.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseRecording } from '../../helper/src/policies/recording.ts'
import { assessment } from '../../src/shared/contract/assessment.ts'
import { ksmStatus } from '../../src/shared/contract/ksm.ts'
import { scrubResult } from '../../src/shared/contract/page-cache.ts'
import { compareTruth } from '../beds/engine/compare-truth.ts'
import { type EngineLab, restoreAndDown, upEngineLab } from '../beds/engine/engine-lab.ts'
import { expectFreed, expectRealised } from '../beds/engine/expect-burst.ts'
import { type GovernOutside, governUntilDone, startGovernOutside } from '../beds/engine/govern-until-done.ts'
import { khugepagedSleeps } from '../beds/engine/khugepaged.ts'
import { isRoot } from '../beds/is-root.ts'
import type { LabGuest } from '../beds/lab/lab.ts'
import { realGuests } from '../beds/lab/real-guest.ts'
import { readGuestReads } from '../bench/suite/counters.ts'
import { type PolicyCounters, startGovern } from '../bench/suite/policies.ts'

const MINUTES = 60_000

describe.skipIf(!isRoot)('Debian guests on default devices', () => {
  khugepagedSleeps()
  let lab: EngineLab
  // The image is built where no run before has.
  beforeAll(async () => {
    lab = await upEngineLab(realGuests(2))
  }, 10 * MINUTES)
  afterAll(() => restoreAndDown(lab))

  it(
    'have figures that an independent program finds, video memory included',
    async () => {
      for (const guest of lab.host.guests)
        await guest.command(
          'su postgres -c "pgbench -n -S -t 200 bench"; cat /usr/bin/* /usr/lib/x86_64-linux-gnu/*.so.* >/dev/null',
        )
      const { found } = await compareTruth(lab)
      // Both have read the same programs.
      expect(found.totals.mergeableBytes).toBeGreaterThan(100 * 2 ** 20)
      for (const guest of found.guests) expect(guest.otherBlocksBytes).toBeGreaterThanOrEqual(16 * 2 ** 20)
      for (const image of found.images.slice(0, 1))
        expect(image.doubleCachedBytes).toBeGreaterThan(50 * 2 ** 20)
    },
    3 * MINUTES,
  )

  it(
    'keep them after a scrub',
    async () => {
      const before = await lab.helperJson('assess', assessment)
      // Debian writes while it boots, and dirty pages stay.
      const scrubbed = await lab.helperJson('scrub --flush-dirty', scrubResult)
      const { found } = await compareTruth(lab)
      const evicted = scrubbed.images.reduce((sum, image) => sum + image.evictedBytes, 0)
      const [doubles, left] = [before, found].map(({ totals }) => totals.doubleCachedBytes) as [
        number,
        number,
      ]
      console.log(`${evicted} bytes evicted of ${doubles} double cached, ${left} left`)
      expect(evicted).toBeGreaterThan(50 * 2 ** 20)
      expect(evicted).toBeGreaterThan(0.8 * doubles)
      expect(left).toBeLessThan(0.2 * doubles)
    },
    3 * MINUTES,
  )

  it.each([
    ['periodic', { mode: 'periodic', everySeconds: 1, guards: { regretRatio: 0.1 } }],
    ['adaptive', { mode: 'adaptive' }],
  ])(
    'at work under %s, have reads, evictions and returns that add up, and a guard that stops what comes back',
    async (mode, scrub) => {
      const [guest] = lab.host.guests
      if (guest === undefined) throw new Error('the lab has no guest')
      const readAnew =
        'echo 3 >/proc/sys/vm/drop_caches; cat /usr/bin/* /usr/lib/x86_64-linux-gnu/*.so.* >/dev/null'
      await guest.command(readAnew)
      const record = join(lab.folder, `at-work-${mode}.jsonl`)
      const before = readGuestReads(guest).fetchedBytes
      const policy = await startGovern(lab, scrub, { record })
      const [evicted, returned] = [() => policy.read().evictedBytes, () => policy.read().returnedBytes]
      let counters: PolicyCounters
      try {
        if (mode === 'periodic')
          await expect.poll(evicted, { timeout: MINUTES, interval: 500 }).toBeGreaterThan(20 * 2 ** 20)
        else await sleep(3_000)
        await guest.command(`${readAnew}; sleep 3`)
        if (mode === 'periodic')
          await expect.poll(returned, { timeout: MINUTES, interval: 500 }).toBeGreaterThan(10 * 2 ** 20)
        counters = policy.read()
      } finally {
        await policy.stop()
      }
      const fetched = readGuestReads(guest).fetchedBytes - before
      const { evictedBytes, returnedBytes } = counters
      const { observations } = parseRecording(readFileSync(record, 'utf8'))
      const recorded = observations
        .flatMap(({ guests }) => guests ?? [])
        .filter(({ name }) => name === guest.name)
        .reduce((sum, { fetchedBytes }) => sum + fetchedBytes, 0)
      expect(recorded).toBeLessThanOrEqual(fetched)
      expect(returnedBytes).toBeLessThanOrEqual(evictedBytes)
      if (mode === 'adaptive') {
        expect(evictedBytes).toBe(0)
        expect(policy.said()).toContain('evicts nothing')
        return
      }
      expect(evictedBytes).toBeGreaterThan(20 * 2 ** 20)
      expect(returnedBytes).toBeGreaterThan(10 * 2 ** 20)
      // What was evicted had to be fetched again.
      expect(recorded).toBeGreaterThan(returnedBytes / 2)
      expect(policy.said()).toMatch(
        /regret of other pages \d.* passed its bound 0\.1; other pages are left alone/,
      )
      expect(policy.said()).toMatch(/likely to cost up to|what this costs is not known yet/)
    },
    3 * MINUTES,
  )

  it(
    'merge at least 95 % of what was measured in one burst, and agree with the kernel on it',
    async () => {
      const before = await lab.helperJson('assess', assessment)
      const ended = await lab.helperJsonOutside('ksm start', ksmStatus)
      const { found } = await compareTruth(lab)
      expectRealised(before, ended, found)
    },
    5 * MINUTES,
  )

  it(
    'at work with pgbench and tar, have ksmd keep to its budget from the first second on, and are let alone',
    async () => {
      const [database, archive] = lab.host.guests
      if (database === undefined || archive === undefined) throw new Error('the lab has no two guests')
      await lab.helperJsonOutside('ksm unmerge', ksmStatus)
      await lab.helperJsonOutside('ksm restore', ksmStatus)
      await workForEver(database, 'su postgres -c "pgbench -n -T 5 bench"')
      await workForEver(archive, 'tar cf - /usr | wc -c')
      const budget = { cpuRatio: 0.2, cpuWindowSeconds: 15 }
      const govern = startGovernOutside(lab, budget)
      try {
        const lasted = () => secondsOf(govern.rounds())
        await expect
          .poll(lasted, { timeout: 2 * MINUTES, interval: 500 })
          .toBeGreaterThan(2 * budget.cpuWindowSeconds)
      } finally {
        await govern.end()
        for (const guest of [database, archive]) await guest.command(endWork)
      }
      const rounds = govern.rounds()
      const spent = mostCpuWithin(rounds, budget.cpuWindowSeconds)
      const switches = readFileSync(join(dirname(lab.program), 'state/audit.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('"govern ksm"')).length
      console.log(
        `ksmd: at most ${spent.toFixed(1)} s within ${budget.cpuWindowSeconds} s; ${switches} changes of its rate in ` +
          `${secondsOf(rounds).toFixed(0)} s; huge pages ${rounds[0]?.ksm.hugePageBytes} -> ${rounds.at(-1)?.ksm.hugePageBytes}`,
      )
      // A tick of the clock at each end of a window.
      expect(spent).toBeLessThanOrEqual(budget.cpuRatio * budget.cpuWindowSeconds + 0.5)
      expect(switches).toBeGreaterThan(0)
      expect(switches).toBeLessThanOrEqual(10)
    },
    5 * MINUTES,
  )

  it(
    'are governed: once all is unmerged, as much is freed again',
    async () => {
      await lab.helperJsonOutside('ksm unmerge', ksmStatus)
      await lab.helperJsonOutside('ksm restore', ksmStatus)
      const before = await lab.helperJson('assess', assessment)
      expect(before.totals.mergeableBytes).toBeGreaterThan(100 * 2 ** 20)
      await governUntilDone(lab, 3 * MINUTES)
      const { found } = await compareTruth(lab)
      expectFreed(before, found)
    },
    5 * MINUTES,
  )
})

type Rounds = ReturnType<GovernOutside['rounds']>

/** Over and over, until `endWork`. */
async function workForEver(guest: LabGuest, command: string): Promise<void> {
  const loop = `nohup sh -c 'until [ -e /tmp/enough ]; do ${command}; done' >/dev/null 2>&1 </dev/null &`
  await guest.command(`rm -f /tmp/enough; ${loop} echo $! >/tmp/work.pid`)
}

// A pass over the archive may be at its beginning.
const endWork =
  'touch /tmp/enough; pkill -x tar; while kill -0 $(cat /tmp/work.pid) 2>/dev/null; do sleep 0.2; done'

function secondsOf(rounds: Rounds): number {
  return ((rounds.at(-1)?.at ?? 0) - (rounds[0]?.at ?? 0)) / 1000
}

/** CPU seconds of ksmd in the dearest window of so many seconds. */
function mostCpuWithin(rounds: Rounds, windowSeconds: number): number {
  const cpu = (round: Rounds[number]) => round.ksm.ksmdCpuSeconds ?? Number.NaN
  return Math.max(
    ...rounds.map((from) => {
      const last = rounds.findLast(({ at }) => at <= from.at + windowSeconds * 1000)
      return cpu(last ?? from) - cpu(from)
    }),
  )
}

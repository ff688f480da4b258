import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { liveKernel } from '../../helper/src/kernel/kernel-root.ts'
import { readMergeState } from '../../helper/src/monitors/merge-state.ts'
import { parseRecording } from '../../helper/src/policies/recording.ts'
import { assessment } from '../../src/shared/contract/assessment.ts'
import { type EngineLab, upEngineLab } from '../beds/engine/engine-lab.ts'
import { expectUntouched } from '../beds/engine/untouched.ts'
import { isRoot } from '../beds/is-root.ts'
import { readKsmSettings } from '../beds/lab/ksm-settings.ts'
import { QmpClient } from '../beds/lab/qmp-client.ts'

const KSM = '/sys/kernel/mm/ksm'
const JOURNAL = '/var/lib/singleton-helper/ksm-journal.json'

const round = z.object({
  imageCacheBytes: z.number(),
  doubleCachedBytes: z.number(),
  evictedBytes: z.number(),
  ksm: z.object({ run: z.number(), bursting: z.boolean() }),
  decisions: z.array(z.string()),
})
type Round = z.infer<typeof round>

const reclaim = {
  scrub: { mode: 'reclaim', target: { cacheBytes: 2 ** 20 } },
  ksm: { mode: 'govern', startPotentialBytes: 2 ** 20, measureSeconds: 5, cpuRatio: 1 },
}

let lab: EngineLab
let found: Record<string, string>
const governors: Governor[] = []

describe.skipIf(!isRoot)('govern on real guests', { timeout: 240_000 }, () => {
  beforeAll(async () => {
    lab = await upEngineLab([{}, {}])
    // A state of its own, so that "put back" means something; the lab puts back what it found itself.
    writeFileSync(`${KSM}/run`, '0')
    writeFileSync(`${KSM}/sleep_millisecs`, '33')
    found = readKsmSettings()
  })
  afterEach(async () => {
    const left = governors.splice(0).filter(({ hasEnded }) => !hasEnded())
    for (const governor of left) await governor.end('KILL')
    // A test that failed leaves nothing to the next one.
    if (left.length > 0) await lab.helper('ksm restore')
  })
  afterAll(() => lab?.down())

  it('refuses a policy file that is none, with the cause, and changes nothing', async () => {
    const path = policyFile('bad', { scrub: { mode: 'reclaim', target: { cacheBytes: -1 } } })
    const result = await lab.helper(`govern --policy ${path}`)
    expect(result.code).toBe(2)
    expect(result.stderr).toContain('scrub.target.cacheBytes')
    const missing = await lab.helper('govern --policy /nowhere/policy.json')
    expect(missing.code).toBe(2)
    expect(missing.stderr).toContain('/nowhere/policy.json')
    expect(readKsmSettings()).toEqual(found)
  })

  it('explains and changes nothing in a dry run', async () => {
    const path = policyFile('dry', reclaim)
    // They rest, and are not stopped: a stopped one keeps those who ask its monitor waiting.
    await expectUntouched(lab.images, async () => {
      const result = await lab.helper(`govern --dry-run --once --json --policy ${path}`)
      expect(result.code, result.stderr).toBe(0)
      expect(result.stderr).toContain('would evict')
      const seen = round.parse(JSON.parse(result.stdout))
      expect(seen.evictedBytes).toBe(0)
      expect(seen.doubleCachedBytes).toBeGreaterThan(40 * 2 ** 20)
    })
    expect(readKsmSettings()).toEqual(found)
    expect((await lab.host.exec(`test -e ${JOURNAL}`)).code).toBe(1)
  })

  it('reclaims the image cache, merges, stops scanning, refuses a second, and puts all back', async () => {
    const before = (await lab.helperJson('assess', assessment)).totals
    const record = join(dirname(lab.program), 'observations.jsonl')
    const run = await startGovern('reclaim', `--policy ${policyFile('reclaim', reclaim)} --record ${record}`)
    const rounds = await run.until(
      (all) => isRealised(all) && smallest(all) * 10 < (all[0]?.imageCacheBytes ?? 0),
    )
    const refused = await lab.helper('govern')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(`process ${run.pid} (`)
    expect(refused.stderr).toContain('has been running govern')
    const after = (await lab.helperJson('assess', assessment)).totals
    const ended = await run.end('TERM')
    console.log(
      `image cache ${before.imageCacheBytes} -> ${smallest(rounds)} bytes, merged ${after.mergedBytes} of ` +
        `${before.mergeableBytes} mergeable bytes, ${after.mergeableBytes} left`,
    )
    expect(ended.code, run.said()).toBe(0)
    // Zero pages of split huge pages are freed without being merged (docs/ksm.md), so what is left tells.
    expect(after.mergedBytes, run.said()).toBeGreaterThan(before.mergedBytes)
    expect(after.mergeableBytes, run.said()).toBeLessThan(0.2 * before.mergeableBytes)
    expect(readKsmSettings()).toEqual(found)
    expect(parseRecording(readFileSync(record, 'utf8')).observations.length).toBeGreaterThan(1)
    const audit = (await lab.host.exec('cat /var/lib/singleton-helper/audit.jsonl')).stdout
    for (const action of ['govern ksm', 'govern scrub', 'govern restore'])
      expect(audit).toContain(`"${action}"`)
  })

  it('says that ksmd is hidden by the PID namespace, and sees that a guest was reset in place', async () => {
    const [guest] = lab.host.guests
    if (guest?.qmpSocket === undefined) throw new Error('the guest has no monitor to spare')
    const path = policyFile('reset', { scrub: { mode: 'observe' }, ksm: { mode: 'govern', aim: false } })
    const run = await startGovern('reset', `--policy ${path}`)
    // Measured, and looked at often enough for the first page of RAM to be known as quiet.
    await run.until((all) => all.length > 6 && all.slice(-6).every(({ ksm }) => !ksm.bursting))
    expect(run.said()).toContain('/proc does not show ksmd')
    const monitor = await QmpClient.connect(guest.qmpSocket)
    try {
      // The lab starts it with -no-reboot, which would end it.
      await monitor.run('set-action', { reboot: 'reset' })
      await monitor.run('system_reset')
    } finally {
      monitor.close()
    }
    const sees = /was reset or does something new/
    await expect.poll(run.said, { timeout: 90_000 }).toMatch(sees)
    expect((await run.end('TERM')).code, run.said()).toBe(0)
  })

  it('switches the merging of a guest off through its monitor, and puts it back', async () => {
    const [kept, excluded] = lab.host.guests
    if (kept === undefined || excluded === undefined) throw new Error('the lab has no two guests')
    const states = () => Promise.all([kept, excluded].map(({ pid }) => readMergeState(liveKernel, pid)))
    expect(await states()).toEqual(['on', 'on'])
    // Two guests, one of them excluded: the other has nobody to share with, which the policy is told to leave alone.
    const ksm = { mode: 'govern', exclude: [excluded.name], aim: false, bootBurst: false }
    const path = policyFile('exclude', { scrub: { mode: 'observe' }, ksm })
    const run = await startGovern('exclude', `--policy ${path}`)
    await expect.poll(states, { timeout: 60_000 }).toEqual(['on', 'off'])
    // Said once it is done.
    await expect.poll(run.said, { timeout: 60_000 }).toContain(`${excluded.name} is excluded by the policy`)
    expect((await run.end('TERM')).code, run.said()).toBe(0)
    expect(await states()).toEqual(['on', 'on'])
    const killed = await startGovern('exclude-killed', `--policy ${path}`)
    await expect.poll(states, { timeout: 60_000 }).toEqual(['on', 'off'])
    await killed.end('KILL')
    expect(await states()).toEqual(['on', 'off'])
    expect((await lab.helper('ksm restore')).code).toBe(0)
    expect(await states()).toEqual(['on', 'on'])
    const audit = (await lab.host.exec('cat /var/lib/singleton-helper/audit.jsonl')).stdout
    expect(audit).toContain('"govern merge off"')
  })

  it('trickles once nothing is worth a burst: scans on at a hundredth of a core, and puts all back', async () => {
    const ksm = { mode: 'govern', afterBurst: 'trickle', trickleCpuRatio: 0.01, bootBurst: false }
    const run = await startGovern('trickling', `--policy ${policyFile('trickling', { ksm })}`)
    const isTrickling = ({ ksm: { run: scans, bursting }, decisions }: Round) =>
      scans === 1 && !bursting && decisions.some((line) => line.startsWith('KSM: trickles at'))
    await run.until((all) => all.filter(isTrickling).length > 1)
    const scanned = Number(readKsmSettings().pages_to_scan)
    const ended = await run.end('TERM')
    expect(ended.code, run.said()).toBe(0)
    expect(run.said()).toContain(`KSM: trickles at ${scanned} pages every`)
    // A burst may scan 5000 pages a round.
    expect(scanned).toBeLessThan(2500)
    expect(readKsmSettings()).toEqual(found)
  })

  it('restores first what a killed run left behind', async () => {
    const path = policyFile('trickle', { ksm: { mode: 'govern', afterBurst: 'trickle' } })
    const run = await startGovern('killed', `--policy ${path}`)
    await run.until((all) => all.some(({ ksm }) => ksm.run === 1))
    await run.end('KILL')
    expect(readKsmSettings()).not.toEqual(found)
    const next = await lab.helper(`govern --once --policy ${path}`)
    expect(next.code).toBe(0)
    expect(next.stderr).toContain('found a journal of KSM settings')
    expect(readKsmSettings()).toEqual(found)
    expect((await lab.host.exec(`test -e ${JOURNAL}`)).code).toBe(1)
  })
})

function policyFile(name: string, policy: object): string {
  const path = join(dirname(lab.program), `${name}.json`)
  writeFileSync(path, JSON.stringify(policy))
  return path
}

/** A burst has been and the scanning is over. */
function isRealised(rounds: readonly Round[]): boolean {
  const last = rounds.at(-1)?.ksm
  return rounds.some(({ ksm }) => ksm.bursting) && last?.run === 0 && !last.bursting
}

function smallest(rounds: readonly Round[]): number {
  return Math.min(...rounds.map(({ imageCacheBytes }) => imageCacheBytes))
}

interface Governor {
  /** In the host's namespace. */
  readonly pid: string
  readonly said: () => string
  readonly hasEnded: () => boolean
  until(isEnough: (rounds: readonly Round[]) => boolean): Promise<Round[]>
  end(signal: 'TERM' | 'KILL'): Promise<{ code: number }>
}

/** Starts it in the background of the host. */
async function startGovern(name: string, args: string): Promise<Governor> {
  const base = join(dirname(lab.program), `govern-${name}`)
  const started = await lab.host.exec(
    `('${lab.program}' govern --json ${args} >${base}.out 2>${base}.err & echo $! >${base}.new; ` +
      `mv ${base}.new ${base}.pid; wait $!; echo $? >${base}.new; mv ${base}.new ${base}.rc) ` +
      '>/dev/null 2>&1 </dev/null &',
  )
  expect(started.code).toBe(0)
  // The shell in the background makes each of them in its own time.
  const isThere = () => ['pid', 'out', 'err'].every((ending) => existsSync(`${base}.${ending}`))
  await expect.poll(isThere, { timeout: 60_000 }).toBe(true)
  const pid = readFileSync(`${base}.pid`, 'utf8').trim()
  const said = () => readFileSync(`${base}.err`, 'utf8')
  const hasEnded = () => existsSync(`${base}.rc`)
  const governor: Governor = {
    pid,
    said,
    hasEnded,
    async until(isEnough: (rounds: readonly Round[]) => boolean): Promise<Round[]> {
      const deadline = performance.now() + 100_000
      for (;;) {
        const rounds = parseRounds(readFileSync(`${base}.out`, 'utf8'))
        if (isEnough(rounds)) return rounds
        if (performance.now() > deadline || hasEnded())
          throw new Error(`govern does not get there: ${said()}`)
        await sleep(100)
      }
    },
    async end(signal: 'TERM' | 'KILL') {
      await lab.host.exec(`kill -${signal} ${pid}`)
      await expect.poll(hasEnded, { timeout: 60_000 }).toBe(true)
      return { code: Number(readFileSync(`${base}.rc`, 'utf8')) }
    },
  }
  governors.push(governor)
  return governor
}

/** Whole lines only: the last one may still be in the writing. */
function parseRounds(text: string): Round[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => round.parse(JSON.parse(line)))
}

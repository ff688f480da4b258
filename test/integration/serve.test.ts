import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sample } from '../../src/shared/contract/history.ts'
import { hello, hostContract, hostProtocol } from '../../src/shared/contract/host-contract.ts'
import { scrubResult } from '../../src/shared/contract/page-cache.ts'
import { createRandom } from '../../src/shared/statistics/random.ts'
import { readResidency } from '../beds/engine/engine-lab.ts'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import { HelperSession } from '../beds/engine/helper-session.ts'
import { isRoot } from '../beds/is-root.ts'
import { readKsmSettings } from '../beds/lab/ksm-settings.ts'
import { downLab, type Lab, smallContents, upLab } from '../beds/lab/lab.ts'
import { readProcessStat } from '../beds/process-stat.ts'
import { randomMessage } from '../fuzz/random-messages.ts'

const LAB = join(tmpdir(), 'singleton-serve-lab')
if (!isRoot) console.warn('skipped: guests in a lab need root')

let helper = ''
let folder = ''
let lab: Lab
const sessions: HelperSession[] = []

beforeAll(() => {
  helper = buildHelper()
  folder = mkdtempSync(join(tmpdir(), 'singleton-serve-'))
})
afterAll(() => {
  for (const { child } of sessions) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

function open(...args: string[]): HelperSession {
  const environment = { ...process.env, SINGLETON_STATE_DIR: folder, SINGLETON_RUN_DIR: folder }
  const session = new HelperSession(helper, args, environment)
  sessions.push(session)
  return session
}

describe('the helper over stdin and stdout', () => {
  it('says who it is, first in the preamble and then in hello', async () => {
    const session = open('--read-only')
    const answer = await session.call('hello')
    const parsed = hello.parse(answer.result)
    expect(session.preamble).toBe(`singleton-helper ${hostProtocol} ${parsed.buildDigest}\n`)
    const manifest = JSON.parse(readFileSync(join(helper, '../manifest.json'), 'utf8'))
    expect(parsed).toMatchObject({ buildDigest: manifest.buildDigest, readOnly: true })
    // The kernel ends it before any guest.
    expect(readFileSync(`/proc/${session.child.pid}/oom_score_adj`, 'utf8').trim()).toBe('900')
    session.child.stdin.end()
    expect(await session.ended).toBe(0)
    expect(session.stderr).toBe('')
  })

  it('refuses every change in a read-only session', async () => {
    const before = readKsmSettings()
    const session = open('--read-only')
    const changes = Object.entries(hostContract).filter(([, { effect }]) => effect === 'change')
    // Parameters that do not parse are refused as such, before it is asked whether the session may change anything.
    const params: Record<string, object> = {
      'ksm/merge': { guest: 'web', merge: false },
      'policies/start': { policy: {} },
    }
    for (const [method] of changes) {
      expect((await session.call(method, params[method])).error?.data?.code).toBe('read-only')
    }
    expect(readKsmSettings()).toEqual(before)
  })

  it.each([
    ['a frame that is too large', Buffer.from('Content-Length: 9000000\r\n\r\n')],
    ['garbage', randomBytes(9000)],
    ['a frame that is no JSON', Buffer.from('Content-Length: 2\r\n\r\n{]')],
  ])('ends with code 3 and one line of log on %s', async (_, bytes) => {
    const session = open('--read-only')
    session.child.stdin.write(bytes)
    expect(await session.ended).toBe(3)
    expect(session.stderr).toMatch(/^cannot read from the peer: [^\n]*\n$/)
  })

  it('answers after 2,000 random messages', async () => {
    const session = open('--read-only')
    const random = createRandom(11)
    for (let count = 0; count < 2000; count += 1) session.send(randomMessage(random))
    session.send({ jsonrpc: '2.0', id: 'after', method: 'ksm/status', params: {} })
    expect(await session.waitFor(({ id }) => id === 'after')).toHaveProperty('result')
  })

  it('keeps its memory when the peer floods it and does not read', async () => {
    const session = open('--read-only')
    await session.call('ksm/status')
    session.child.stdout.pause()
    const before = residentBytes(session.child.pid)
    // Garbage that is not collected yet takes up to 70 MiB. Were all of this read, answers would take 180 and more.
    for (let count = 0; count < 400_000; count += 1) session.request('ksm/status')
    await untilIdle(session.child.pid)
    expect(session.child.stdin.writableLength).toBeGreaterThan(2 ** 20)
    expect(residentBytes(session.child.pid) - before).toBeLessThan(128 * 2 ** 20)
    // It ends though nobody reads its answers.
    const ended = new Promise((resolve) => session.child.once('exit', resolve))
    session.child.kill('SIGTERM')
    await ended
  })
})

describe.skipIf(!isRoot)('beside guests', () => {
  beforeAll(async () => {
    lab = await upLab({ dir: LAB, hosts: [{ guests: 2 }], ...smallContents })
  })
  afterAll(async () => {
    await downLab(LAB)
  })

  it('samples guests and images beside each other', async () => {
    const session = open('--read-only')
    await session.call('sample')
    const samples = []
    for (let count = 0; count < 20; count += 1) {
      samples.push(sample.parse((await session.call('sample')).result))
    }
    const pids = lab.hosts[0]?.guests.map(({ pid }) => pid) ?? []
    expect(samples[0]?.guests.map(({ pid }) => pid)).toEqual(expect.arrayContaining(pids))
    expect(samples[0]?.images.some(({ residentBytes }) => residentBytes > 2 ** 20)).toBe(true)
    const spent = (samples.at(-1)?.helper.cpuSeconds ?? 0) - (samples[0]?.helper.cpuSeconds ?? 0)
    console.log(`a sample costs ${((spent / 19) * 1000).toFixed(1)} ms of CPU`)
  })

  it('asks all monitors at once where a sample is to be of one moment', async () => {
    const session = open('--read-only')
    const take = async () => sample.parse((await session.call('sample', { askMonitors: true })).result)
    // Tests beside this one have guests of their own.
    const pids = new Set(lab.hosts[0]?.guests.map(({ pid }) => pid))
    const askedAt = async () =>
      (await take()).guests
        .filter(({ pid }) => pids.has(pid))
        .map(({ diskReads }) => diskReads?.monotonicSeconds ?? 0)
    const [first, second] = [await askedAt(), await askedAt()]
    expect(first).toHaveLength(2)
    for (const [index, seconds] of first.entries()) {
      expect(seconds).toBeGreaterThan(0)
      expect(second[index]).toBeGreaterThan(seconds)
    }
  })

  it('evicts everything of the images on request, also what no guest holds', async () => {
    const [guest] = lab.hosts[0]?.guests ?? []
    if (guest === undefined) throw new Error('the lab has no guest')
    await guest.command('drop')
    await guest.command('sync')
    const session = open()
    const params = { everything: true, images: [...guest.images] }
    const residentPages = async () =>
      Object.values(await readResidency(guest.images))
        .join('')
        .replaceAll('0', '').length
    expect(await residentPages()).toBeGreaterThan(1000)
    const done = scrubResult.parse((await session.call('page-cache/scrub', params)).result)
    expect(done.totals.evictedBytes).toBeGreaterThan(4 * 2 ** 20)
    // A guest reads a page or two of its own accord.
    expect(await residentPages()).toBeLessThan(100)
  })

  it('ends a cancelled assessment and goes on', async () => {
    const session = open('--read-only')
    await session.call('ksm/status')
    const cancel = async () => {
      session.answers.length = 0
      const id = session.request('assess', { progressToken: 'p' })
      await session.waitFor(({ method }) => method === '$/progress')
      const cancelledAt = performance.now()
      session.send({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id } })
      const answer = await session.waitFor((one) => one.id === id)
      console.log(`answered ${(performance.now() - cancelledAt).toFixed(0)} ms after it was cancelled`)
      return answer.error?.data?.code
    }
    // Where this test is late with it, the assessment has ended before.
    await expect.poll(cancel, { timeout: 60_000 }).toBe('cancelled')
    expect((await session.call('ksm/status')).error).toBeUndefined()
  })

  it('cancels an assessment when the peer hangs up', async () => {
    const session = open('--read-only')
    session.request('assess', { progressToken: 'p' })
    await session.waitFor(({ method }) => method === '$/progress')
    session.child.stdin.end()
    expect(await session.ended).toBe(0)
  })
})

/** Until the process has taken no CPU time for a second. */
async function untilIdle(pid: number | undefined): Promise<void> {
  const cpuSeconds = () => readProcessStat(pid ?? 0)?.cpuSeconds ?? 0
  for (let before = -1; before !== cpuSeconds(); ) {
    before = cpuSeconds()
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

function residentBytes(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unmergeKsm } from '../../helper/src/ksm/unmerge-ksm.ts'
import type { Assessment } from '../../src/shared/contract/assessment.ts'
import type { KsmStatus } from '../../src/shared/contract/ksm.ts'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import { isRoot } from '../beds/is-root.ts'
import { readKsmSettings } from '../beds/lab/ksm-settings.ts'
import { downLab, type Lab, type LabHost, upLab } from '../beds/lab/lab.ts'
import { type RunResult, run } from '../beds/lab/run.ts'
import { meminfo } from '../fakes/ksm-fixture-host.ts'

if (!isRoot) console.warn('skipped: KSM tests change /sys/kernel/mm/ksm, which needs root')

let helper = ''
let folder = ''
let lab: Lab
let host: LabHost
let found: Record<string, string>

describe.skipIf(!isRoot)('KSM of real guests', () => {
  beforeAll(async () => {
    helper = buildHelper()
    folder = mkdtempSync(join(tmpdir(), 'singleton-ksm-'))
    lab = await upLab({ dir: join(tmpdir(), 'singleton-ksm-lab'), hosts: [{ guests: 2 }] })
    host = lab.hosts[0] as LabHost
  })
  afterAll(async () => {
    if (host !== undefined) await inHost('ksm restore')
    await downLab(join(tmpdir(), 'singleton-ksm-lab'))
    rmSync(folder, { recursive: true, force: true })
  })

  it('merges at least 80 % of what the assessment called mergeable', async () => {
    const before = await assess()
    expect(before.mergeableBytes).toBeGreaterThan(40 * 2 ** 20)
    found = readKsmSettings()
    // A burst ends by itself, and the command with it.
    const ended = await act('start')
    console.log(JSON.stringify(ended.burst))
    expect(ended.settings.run).toBe(0)
    expect(ended.burst).toMatchObject({ state: 'realised', endedAt: expect.any(Number) })
    // A page has to be seen twice: in a whole pass, and in the next one, which ends as soon as enough is freed.
    expect(ended.burst?.wholePasses).toBeGreaterThanOrEqual(1)
    expect(ended.journaledSince).toBeTypeOf('number')
    const after = await assess()
    const zeroBytes = after.freedZeroBytes - before.freedZeroBytes
    const freedBytes = after.mergedBytes - before.mergedBytes + zeroBytes
    console.log(
      `of ${before.mergeableBytes} mergeable bytes ${freedBytes} are freed (${zeroBytes} by splitting) ` +
        `and ${after.mergeableBytes} are left`,
    )
    expect(ended.mergedBytes).toBeGreaterThan(0)
    expect(freedBytes).toBeGreaterThanOrEqual(0.8 * before.mergeableBytes)
    expect(after.mergeableBytes).toBeLessThanOrEqual(0.2 * before.mergeableBytes)
  })

  it('keeps what is merged when stopped', async () => {
    const stopped = await act('stop')
    expect(stopped.settings.run).toBe(0)
    await sleep(1000)
    const later = await status()
    // Guests write on, and break a few of the merges.
    expect(later.mergedBytes).toBeGreaterThan(0.9 * stopped.mergedBytes)
  })

  it('refuses to unmerge without the memory for it, and says how much is missing', async () => {
    const { settings, mergedBytes } = await status()
    const proc = join(folder, 'proc')
    mkdirSync(proc, { recursive: true })
    writeFileSync(join(proc, 'meminfo'), meminfo(8_000_000, 10_000))
    const context = {
      root: { proc, sys: '/sys' },
      folders: { state: join(folder, 'state'), run: join(folder, 'run') },
      actor: { who: 'test', from: 'local' },
      log: () => undefined,
    }
    await expect(unmergeKsm(context)).rejects.toMatchObject({
      code: 'out-of-memory',
      message: expect.stringMatching(/\d+ bytes are missing/),
    })
    const after = await status()
    expect(after.settings).toEqual(settings)
    expect(after.mergedBytes).toBeGreaterThan(0.9 * mergedBytes)
  })

  it('unmerges where the memory is there', async () => {
    const unmerged = await act('unmerge')
    expect(unmerged.settings.run).toBe(0)
    expect(unmerged.mergedBytes).toBe(0)
    for (const guest of host.guests) expect(await guest.command('ping')).toBeDefined()
  })

  it('puts every setting back exactly, and leaves no journal', async () => {
    const restored = await act('restore')
    expect(restored).not.toHaveProperty('journaledSince')
    expect(readKsmSettings()).toEqual(found)
    const audit = await host.exec('cat /var/lib/singleton-helper/audit.jsonl')
    expect(
      audit.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).action),
    ).toEqual([
      'ksm start',
      'ksm burst end',
      'ksm give huge pages back',
      'ksm stop',
      'ksm unmerge',
      'ksm restore',
    ])
  })

  it('a burst whose helper was killed is told, ended by the next session, and undone', async () => {
    const environment = { ...process.env, SINGLETON_STATE_DIR: folder, SINGLETON_RUN_DIR: folder }
    const readStatus = async () =>
      JSON.parse((await run(helper, ['ksm', 'status', '--json'], { env: environment })).stdout) as KsmStatus
    const serve = await startBurst(environment, ['serve', '--session'])
    expect((await readStatus()).burst?.state).toBe('running')
    await kill(serve)
    const left = await readStatus()
    expect(left).toMatchObject({ burst: { state: 'unwatched' }, settings: { run: 1 } })
    expect(left).toHaveProperty('journaledSince')
    hurry()
    const next = spawn(helper, ['serve'], { env: environment, stdio: ['pipe', 'pipe', 'inherit'] })
    try {
      await expect.poll(async () => (await readStatus()).burst?.state, { timeout: 60_000 }).toBe('realised')
      expect(readFileSync('/sys/kernel/mm/ksm/run', 'utf8').trim()).toBe('0')
    } finally {
      await kill(next)
    }
    const restored = await run(helper, ['ksm', 'restore', '--json'], { env: environment })
    expect(restored.code).toBe(0)
    expect(readKsmSettings()).toEqual(found)
  })

  it('restores at the end of a session that changed KSM', async () => {
    const environment = { ...process.env, SINGLETON_STATE_DIR: folder, SINGLETON_RUN_DIR: folder }
    for (const end of ['disconnect', 'SIGTERM'] as const) {
      const serve = await startBurst(environment, ['serve', '--session'])
      const ended = new Promise<number | null>((resolve) => serve.once('exit', resolve))
      if (end === 'disconnect') serve.stdin?.end()
      else serve.kill('SIGTERM')
      expect(await ended).toBe(0)
      expect(readKsmSettings()).toEqual(found)
    }
  })
})

/**
 * A session with a burst under way. What earlier bursts merged is unmerged first, and ksmd is slowed down as soon as it
 * scans, so that the burst goes on until `hurry`.
 */
async function startBurst(environment: NodeJS.ProcessEnv, args: string[]): Promise<ChildProcess> {
  writeFileSync('/sys/kernel/mm/ksm/run', '2')
  writeFileSync('/sys/kernel/mm/ksm/run', found.run ?? '0')
  const serve = spawn(helper, args, { env: environment, stdio: ['pipe', 'pipe', 'inherit'] })
  const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ksm/start', params: {} })
  serve.stdin?.write(`Content-Length: ${Buffer.byteLength(request)}\r\n\r\n${request}`)
  await expect
    .poll(() => readFileSync('/sys/kernel/mm/ksm/run', 'utf8').trim(), { timeout: 60_000, interval: 5 })
    .toBe('1')
  writeFileSync('/sys/kernel/mm/ksm/sleep_millisecs', '2000')
  return serve
}

/** Lets ksmd scan as fast as in a burst again. */
function hurry(): void {
  writeFileSync('/sys/kernel/mm/ksm/sleep_millisecs', '10')
}

function inHost(args: string): Promise<RunResult> {
  return host.exec(`${helper} ${args}`, { timeoutMs: 100_000 })
}

async function assess(): Promise<Assessment['totals']> {
  return (JSON.parse((await inHost('assess --json')).stdout) as Assessment).totals
}

async function act(name: string): Promise<KsmStatus> {
  const result = await inHost(`ksm ${name} --json`)
  // Where memory is fragmented, it says that not all huge pages could be given back.
  expect(result.stderr.replace(/^huge pages: .*\n/gm, '')).toBe('')
  expect(result.code, result.stdout).toBe(0)
  return JSON.parse(result.stdout) as KsmStatus
}

async function status(): Promise<KsmStatus> {
  return act('status')
}

function kill(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

// What the kernel, other governors and a full disk refuse, with the real ones of each.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildHelper } from '../beds/engine/helper-binary.ts'
import { isRoot } from '../beds/is-root.ts'
import { type KsmSettings, readKsmSettings, restoreKsmSettings } from '../beds/lab/ksm-settings.ts'
import { hasKsmtuned, startKsmtuned } from '../beds/lab/ksmtuned.ts'
import { type RunResult, run } from '../beds/lab/run.ts'

const KSM = '/sys/kernel/mm/ksm'
const hasAdvisor = existsSync(`${KSM}/advisor_mode`)
if (!isRoot) console.warn('skipped: KSM faults change /sys/kernel/mm/ksm, which needs root')

let helper = ''
let before: KsmSettings
let found: KsmSettings
let folder = ''

describe.skipIf(!isRoot)('KSM that refuses', () => {
  beforeAll(() => {
    helper = buildHelper()
    before = readKsmSettings()
  })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ksm-faults-'))
    write('run', '0')
    found = readKsmSettings()
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  afterAll(() => {
    if (before !== undefined) restoreKsmSettings(before)
  })

  it('EINVAL: an advisor at work owns the rate; it is taken over only when asked, and given back', async (ctx) => {
    if (!hasAdvisor) return ctx.skip('this kernel has no advisor')
    write('advisor_mode', 'scan-time')
    found = readKsmSettings()
    expect(() => write('pages_to_scan', '123')).toThrow('EINVAL')
    const refused = await ksm('start')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('kernel advisor (scan-time)')
    expect(readKsmSettings()).toEqual(found)
    const taken = await ksm('start --take-over --pages-to-scan 123 --sleep-ms 50')
    expect(taken.code).toBe(0)
    expect(readKsmSettings()).toMatchObject({ advisor_mode: 'none', pages_to_scan: '123', run: '1' })
    expect((await ksm('restore')).code).toBe(0)
    // The advisor sets the rate itself when it is switched on.
    expect({ ...readKsmSettings(), pages_to_scan: '' }).toEqual({ ...found, pages_to_scan: '' })
    write('advisor_mode', 'none')
  })

  it('EBUSY: what cannot be put back while pages are shared is said, and the rest is put back', async () => {
    const started = await ksm('start --pages-to-scan 2000 --sleep-ms 10')
    expect(started.code, started.stderr).toBe(0)
    write('run', '2')
    write('max_page_sharing', '128')
    write('run', '1')
    const sharer = await startSharer()
    try {
      await expect.poll(() => Number(read('pages_sharing')), { timeout: 60_000 }).toBeGreaterThan(100)
      const restored = await ksm('restore')
      expect(restored.code).toBe(0)
      expect(restored.stderr).toContain('max_page_sharing: pages are shared now')
      expect(readKsmSettings()).toEqual({ ...found, max_page_sharing: '128' })
    } finally {
      await end(sharer)
      write('run', '2')
      write('max_page_sharing', found.max_page_sharing ?? '256')
      write('run', '0')
    }
  })

  it('ENOSPC: without a journal nothing is changed', async () => {
    const state = join(folder, 'full')
    mkdirSync(state)
    await mountTmpfs(state)
    try {
      expect(() => writeFileSync(join(state, 'filler'), Buffer.alloc(1 << 20))).toThrow('ENOSPC')
      const refused = await ksm('start', { SINGLETON_STATE_DIR: state })
      expect(refused.code).toBe(1)
      expect(refused.stderr).toContain(state)
      expect(refused.stderr).toMatch(/no space|ENOSPC|bytes are free/i)
      expect(readKsmSettings()).toEqual(found)
    } finally {
      await run('umount', [state])
    }
  })

  it('ksmtuned: left alone, paused only when asked, and let go on by restore', async (ctx) => {
    if (!hasKsmtuned()) return ctx.skip('ksmtuned is not installed')
    const { pid, stop } = await startKsmtuned()
    try {
      // Woken again and again: a signal that comes before it waits is lost.
      const wake = () => process.kill(pid, 'SIGUSR1') && read('run')
      await expect.poll(wake, { interval: 300 }).toBe('1')
      found = await settledSettings(pid)
      const refused = await ksm('start')
      expect(refused.code).toBe(1)
      expect(refused.stderr).toContain(`ksmtuned (process ${pid})`)
      expect(readKsmSettings()).toEqual(found)
      expect((await ksm('start --take-over --pages-to-scan 77 --sleep-ms 500')).code).toBe(0)
      // A stopped process shows it once it comes to a processor.
      await expect.poll(() => stateOf(pid)).toBe('T')
      process.kill(pid, 'SIGUSR1')
      await sleep(500)
      expect(read('pages_to_scan')).toBe('77')
      expect((await ksm('restore')).code).toBe(0)
      // It got the signal while it was paused, and tunes at once.
      await expect.poll(() => stateOf(pid)).toBe('S')
      await expect.poll(() => Number(read('pages_to_scan'))).toBeGreaterThanOrEqual(300)
    } finally {
      await stop()
      write('run', '0')
    }
  })
})

function ksm(args: string, environment: Record<string, string> = {}): Promise<RunResult> {
  const state = { SINGLETON_STATE_DIR: join(folder, 'state'), SINGLETON_RUN_DIR: join(folder, 'run') }
  return run(helper, ['ksm', ...args.split(' ')], { env: { ...process.env, ...state, ...environment } })
}

/** Once nothing has written them for a while, and ksmtuned, which writes one after the other, has gone to sleep. */
async function settledSettings(ksmtuned: number): Promise<KsmSettings> {
  for (let before = readKsmSettings(); ; ) {
    await sleep(1000)
    const now = readKsmSettings()
    if (isDeepStrictEqual(now, before) && isAsleep(ksmtuned)) return now
    before = now
  }
}

/** It has no children but sleeps: those that it waits for, and that it was woken from. */
function isAsleep(pid: number): boolean {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  return children.every((child) => {
    const comm = `/proc/${child}/comm`
    return existsSync(comm) && readFileSync(comm, 'utf8').trim() === 'sleep'
  })
}

function read(knob: string): string {
  return readFileSync(`${KSM}/${knob}`, 'utf8').trim()
}

function write(knob: string, value: string): void {
  writeFileSync(`${KSM}/${knob}`, value)
}

/** A process whose 16 MiB are all alike, and mergeable. */
async function startSharer(): Promise<ChildProcess> {
  const script = `
import mmap, sys
memory = mmap.mmap(-1, 16 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory.madvise(mmap.MADV_NOHUGEPAGE)
memory.madvise(mmap.MADV_MERGEABLE)
memory.write((b"singleton" * 500)[:4096] * 4096)
print("ready", flush=True)
sys.stdin.read()`
  const child = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.stdin?.end()
  await ended
}

async function mountTmpfs(path: string): Promise<void> {
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=700', 'tmpfs', path])
  expect(mounted.code, mounted.stderr).toBe(0)
}

/** Debian's script as it is, told that memory is short. It waits for its first 60 s, or for SIGUSR1. */
function stateOf(pid: number): string | undefined {
  return /^State:\t(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
}

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parsePolicyFile } from '../../../src/shared/policies/policy-file.ts'
import { initialScrubState } from '../policies/scrub-state.ts'
import type { Seen } from './governed-host.ts'
import { ReserveKeeper } from './reserve-keeper.ts'

const MiB = 2 ** 20
const pageSize = 4096
const policy = parsePolicyFile('{"scrub":{"mode":"observe"},"ksm":{"mode":"govern","reserveRatio":0.1}}')
const region = { index: 0, residentPages: 512, arrivedPages: 0, sequentialPages: 0, returnedPages: 0 }

/** 400 MiB merged, 2 MiB of image cache. */
const seen: Seen = {
  unreadable: [],
  scrub: {
    ...{ atSeconds: 1, pageBytes: pageSize, regionPages: 512 },
    memory: { imageCachePages: 512, imageCacheLimitPages: 10_000 },
    images: [{ path: '/web.raw', guests: 1, foreignWriter: false, regions: [region] }],
  },
  ksm: {
    ...{ atSeconds: 1, pageBytes: pageSize, run: 1, otherGovernors: [], guests: [] },
    counters: {
      ...{ pagesShared: 1, pagesSharing: (400 * MiB) / pageSize, pagesUnshared: 0 },
      ...{ pagesVolatile: 0, fullScans: 1 },
    },
    rate: { pagesToScan: 100, sleepMillisecs: 20 },
    memory: { totalBytes: 2 ** 30, availableBytes: 2 ** 28, imageCacheBytes: 2 * MiB },
  },
}
const plan = {
  ...{
    actions: [],
    state: initialScrubState,
    readBackPages: 9,
    explanation: [],
    nextSeconds: 5,
    dryRun: false,
  },
}

describe('the keeper of the reserve', () => {
  let root: string
  let seconds = 1000
  const logged: string[] = []
  const write = (file: string, text: string) => writeFileSync(join(root, 'proc', file), text)
  const breaks = (mebibytes: number) => write('vmstat', `cow_ksm ${(mebibytes * MiB) / pageSize}\n`)
  const free = (mebibytes: number) => {
    const names = [
      'MemTotal',
      'MemFree',
      'MemAvailable',
      'Cached',
      'Dirty',
      'SwapTotal',
      'SwapFree',
      'AnonPages',
    ]
    write('meminfo', names.map((name) => `${name}: ${mebibytes * 1024} kB\n`).join(''))
  }
  const keeper = () => {
    const folders = { state: join(root, 'state'), run: join(root, 'run') }
    const context = {
      ...{ root: { proc: join(root, 'proc'), sys: join(root, 'sys') }, folders, pageSize },
      actor: { who: 'anna', from: 'here' },
      log: (line: string) => logged.push(line),
    }
    return new ReserveKeeper(context, policy)
  }
  /** Broken since boot, in MiB, a second later each. */
  const wave = async (one: ReserveKeeper, broken: readonly number[]) => {
    for (const mebibytes of broken) {
      seconds += 1
      breaks(mebibytes)
      await one.checkReserve()
    }
  }

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'singleton-reserve-'))
    mkdirSync(join(root, 'proc'))
    vi.spyOn(performance, 'now').mockImplementation(() => seconds * 1000)
    logged.length = 0
    breaks(0)
    free(50)
  })
  afterEach(() => {
    vi.restoreAllMocks()
    rmSync(root, { recursive: true })
  })

  it('leaves plans alone while merged pages are quiet', async () => {
    const one = keeper()
    expect(await one.guardScrub(plan, seen)).toBe(plan)
    await wave(one, [1, 2, 3])
    expect(one.isActing).toBe(false)
    expect(one.broken).toMatchObject({ reserveBytes: 40 * MiB })
  })

  it('evicts, reads nothing back, stops merging, and writes it down when breaks outrun it', async () => {
    const one = keeper()
    await one.guardScrub(plan, seen)
    await wave(one, [60, 120])
    expect(one.isActing).toBe(true)
    seconds += 1
    const guarded = await one.guardScrub(plan, seen)
    expect(guarded.actions).toMatchObject([{ image: '/web.raw', pages: 512, take: 'clean' }])
    expect(guarded.readBackPages).toBe(0)
    expect(guarded.explanation.join(' ')).toContain('makes room, and stops merging')
    const scan = { kind: 'scan', pagesToScan: 1, sleepMillisecs: 1 } as const
    const ksm = one.guardKsm({ actions: [scan, { kind: 'measure' }], state: {} as never, explanation: [] })
    expect(ksm?.actions).toEqual([{ kind: 'measure' }, { kind: 'stop' }])
    expect(readFileSync(join(root, 'state/audit.jsonl'), 'utf8')).toContain('"action":"reserve guard"')
  })

  it('leaves memory to the breaks where there is enough of it', async () => {
    const one = keeper()
    free(20_000)
    await one.guardScrub(plan, seen)
    await wave(one, [60, 120])
    expect(one.isActing).toBe(false)
  })

  it('says once that a kernel does not count them', async () => {
    const one = keeper()
    await one.guardScrub(plan, seen)
    write('vmstat', 'nr_free_pages 1\n')
    for (let look = 0; look < 3; look += 1) {
      seconds += 1
      expect(await one.checkReserve()).toBe(false)
    }
    expect(logged).toEqual([expect.stringContaining('does not count broken merges')])
  })
})

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
type Guests = NonNullable<Seen['ksm']>['guests']
interface Amounts {
  readonly cache?: number
  readonly merged?: number
  readonly pids?: readonly number[]
}
/** As `seen`, in MiB. */
function seenWith({ cache = 2, merged = 400, pids = [] }: Amounts): Seen {
  const { scrub, ksm } = seen
  const guests = pids.map((pid) => ({ pid, name: `web-${pid}` })) as unknown as Guests
  const counters = ksm && { ...ksm.counters, pagesSharing: (merged * MiB) / pageSize }
  return {
    ...seen,
    scrub: { ...scrub, memory: { ...scrub.memory, imageCachePages: (cache * MiB) / pageSize } },
    ...(ksm && counters && { ksm: { ...ksm, guests, counters } }),
  }
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
  const free = (mebibytes: number, memFree = mebibytes) => {
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
    const kibOf = (name: string) => 1024 * (name === 'MemFree' ? memFree : mebibytes)
    write('meminfo', names.map((name) => `${name}: ${kibOf(name)} kB\n`).join(''))
  }
  /** 400 MiB. */
  const merge = () => {
    const ksm = join(root, 'sys/kernel/mm/ksm')
    mkdirSync(ksm, { recursive: true })
    const counters = { pages_sharing: (400 * MiB) / pageSize, pages_shared: 1, pages_unshared: 0 }
    const all = { ...counters, pages_volatile: 0, full_scans: 1 }
    for (const [name, value] of Object.entries(all)) writeFileSync(join(ksm, name), `${value}\n`)
  }
  const guest = (pid: number, group: string) => {
    mkdirSync(join(root, `proc/${pid}`))
    write(`${pid}/cgroup`, `0::${group}\n`)
  }
  const limit = (group: string, mebibytes: number, used: number) => {
    const folder = join(root, 'sys/fs/cgroup', group)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'memory.max'), `${mebibytes * MiB}\n`)
    writeFileSync(join(folder, 'memory.current'), `${used * MiB}\n`)
  }
  const keeper = (kept = policy) => {
    const folders = { state: join(root, 'state'), run: join(root, 'run') }
    const context = {
      ...{ root: { proc: join(root, 'proc'), sys: join(root, 'sys') }, folders },
      actor: { who: 'anna', from: 'here' },
      log: (line: string) => logged.push(line),
    }
    return new ReserveKeeper(context, kept)
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

  it('knows what is merged before the loop has looked', async () => {
    merge()
    const one = keeper()
    await wave(one, [0, 60, 120])
    expect(one.isActing).toBe(true)
    expect(one.broken).toMatchObject({ reserveBytes: 40 * MiB })
  })

  it('has the loop look before it says what is missing', async () => {
    merge()
    free(650, 50)
    const one = keeper()
    await wave(one, [0, 60, 120])
    expect(logged).toEqual([])
    const guarded = await one.guardScrub(plan, seenWith({ cache: 600 }))
    expect(guarded.actions).toMatchObject([{ image: '/web.raw' }])
    expect(logged).toEqual([expect.stringContaining('makes room, and stops merging')])
    expect(readFileSync(join(root, 'state/audit.jsonl'), 'utf8').match(/reserve guard/g)).toHaveLength(1)
  })

  it('says nothing where the first look finds enough memory', async () => {
    merge()
    free(20_000)
    const one = keeper()
    await wave(one, [0, 60, 120])
    expect(one.isActing).toBe(true)
    expect(await one.guardScrub(plan, seen)).toBe(plan)
    expect(one.isActing).toBe(false)
    expect(logged).toEqual([])
    expect(existsSync(join(root, 'state/audit.jsonl'))).toBe(false)
  })

  it('counts the image cache once where a control group holds the guests', async () => {
    const one = keeper()
    // Of 600 MiB that are available, 590 are image cache; the group has room for more than the host.
    free(600, 10)
    guest(7, '/guests')
    limit('/guests', 20_000, 0)
    const around = seenWith({ cache: 590, pids: [7] })
    await one.guardScrub(plan, around)
    // 15 MiB a second take all that is available within a minute.
    await wave(one, [15, 30])
    expect(one.isActing).toBe(true)
    const guarded = await one.guardScrub(plan, around)
    expect(guarded.explanation.join(' ')).toContain('and stops merging')
  })

  it.each([
    ['tighter', 19_900, true],
    ['wider', 0, false],
  ])('goes by a group around those of the guests that is %s', async (_name, used, acts) => {
    const one = keeper()
    free(20_000)
    limit('/machine.slice', 20_000, used)
    for (const pid of [7, 8, 9]) {
      guest(pid, `/machine.slice/${pid}.scope`)
      limit(`/machine.slice/${pid}.scope`, 5000, 0)
    }
    await one.guardScrub(plan, seenWith({ pids: [7, 8, 9] }))
    await wave(one, [60, 120])
    expect(one.isActing).toBe(acts)
  })

  it('goes by a tight group around some of the guests', async () => {
    const one = keeper()
    free(20_000)
    limit('/tenant', 20_000, 19_990)
    limit('/other', 20_000, 19_990)
    const groups = { 7: '/tenant/7', 8: '/tenant/8', 9: '/other/9' }
    for (const [pid, group] of Object.entries(groups)) {
      guest(Number(pid), group)
      limit(group, 5000, 0)
    }
    await one.guardScrub(plan, seenWith({ pids: [7, 8, 9] }))
    await wave(one, [60, 120])
    expect(one.isActing).toBe(true)
  })

  it('lets merging go on where other cache holds the breaks, and evicts all the same', async () => {
    const one = keeper({ ...policy, ksm: { ...policy.ksm, reserveRatio: 0.01 } })
    free(53_000, 1000)
    await one.guardScrub(plan, seenWith({ cache: 2000, merged: 40_000 }))
    // 60 MiB a second, of which free memory holds less than the next half minute.
    await wave(one, [60, 120])
    expect(one.isActing).toBe(true)
    expect(logged).toEqual([expect.stringMatching(/makes room$/)])
    const ksm = { actions: [{ kind: 'measure' }] as const, state: {} as never, explanation: [] }
    expect(one.guardKsm(ksm)).toBe(ksm)
  })

  it('says in a dry run of scrubbing that it would make room, and stops merging all the same', async () => {
    const guards = { ...policy.scrub.guards, dryRun: true }
    const one = keeper({ ...policy, scrub: { ...policy.scrub, guards } })
    await one.guardScrub(plan, seen)
    await wave(one, [60, 120])
    expect(logged.join(' ')).toContain('would make room, and stops merging')
    expect(readFileSync(join(root, 'state/audit.jsonl'), 'utf8')).toContain('"action":"reserve guard"')
    expect(one.guardKsm({ actions: [], state: {} as never, explanation: [] })?.actions).toEqual([
      { kind: 'stop' },
    ])
  })

  it.each([
    [false, [{ kind: 'measure' }]],
    [true, [{ kind: 'measure' }, { kind: 'stop' }]],
  ] as const)(
    'stops what another program governs only where it takes over: %s',
    async (takeOver, expected) => {
      const one = keeper({ ...policy, ksm: { ...policy.ksm, takeOver } })
      const governed = { ...seen, ...(seen.ksm && { ksm: { ...seen.ksm, otherGovernors: ['ksmtuned'] } }) }
      await one.guardScrub(plan, governed)
      await wave(one, [60, 120])
      expect(one.isActing).toBe(true)
      expect(logged.join(' ').includes('stops merging')).toBe(takeOver)
      const left = { actions: [{ kind: 'measure' }] as const, state: {} as never, explanation: [] }
      expect(one.guardKsm(left)?.actions).toEqual(expected)
    },
  )

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

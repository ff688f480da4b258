// history.sqlite as it may be found: older, newer, read-only, locked, on a full disk, damaged. The workbench starts
// whatever it finds, and says on screen and in its log why nothing is kept.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { HistoryKeeper } from '../../src/main/history/history-keeper.ts'
import { schemaVersion } from '../../src/main/history/history-schema.ts'
import { measureInterval } from '../../src/main/history/interval.ts'
import { findSshEnvironment } from '../../src/main/installation.ts'
import { createWorkbench } from '../../src/main/workbench.ts'
import { metricNames } from '../../src/shared/contract/index.ts'
import { isRoot } from '../beds/is-root.ts'
import { fakeSample } from '../fakes/fake-sample.ts'
import { quiet } from '../fakes/quiet.ts'
import { historyBed } from './history-bed.ts'

const bed = historyBed()
/** When the first minute of the fixtures begins; long enough ago that every level is asked. */
const start = 1_789_999_980_000
const range = { hostId: 'h', from: start, to: start + 100_000, points: 100 }
const query = { ...range, metrics: [...metricNames] }
const late = fakeSample({ at: start + 66_000 })
const versionOf = (database: DatabaseSync) => database.prepare('PRAGMA user_version').get()

/** Mounts a small file system; answers with the way to unmount it. */
function mountSmall(folder: string, options: string): () => void {
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `mode=0700,${options}`, 'tmpfs', folder])
  return () => execFileSync('umount', ['-l', folder])
}

describe('an older file', () => {
  it.each(['schema-0.sql', 'schema-0-fewer-metrics.sql'])(
    '%s is brought up to date, its rows kept',
    async (fixture) => {
      bed.restore(fixture)
      const history = bed.open()
      history.addSample('h', undefined, late)
      const { at, metrics, guestHitRatio } = await history.series(query)
      expect(at).toEqual([0, 62_000, 64_000, 66_000].map((after) => start + after))
      expect(metrics.freeBytes).toEqual([3900, 4000, 4200, 4e8])
      expect(metrics.helperCpuRatio).toEqual([null, null, 0.05, null])
      expect(metrics.dirtyBytes).toEqual([null, null, null, null])
      expect(metrics.doubleCachedBytes?.at(-1)).toBe(50)
      expect(guestHitRatio.web?.[2]).toBe(0.75)
      const { scrub, left } = await history.remembered('h')
      expect(scrub).toMatchObject({ at: start + 19_000, arrivedAt: start + 20_000 })
      expect(left).toEqual({ doubleCachedBytes: 50, reclaimableBytes: 250 })
      await history.close()
      expect([bed.problems, bed.health()]).toEqual([[], undefined])
      expect(bed.inspect(versionOf)).toEqual({ user_version: schemaVersion })
    },
  )

  it('tells the order of events of before and after by arrival, not by the clock', async () => {
    bed.restore('schema-0.sql')
    const history = bed.open()
    const { scrub } = await history.remembered('h')
    if (!scrub) throw new Error('the fixture has a scrub')
    const totals = { ...scrub.totals, residentAfterBytes: 130 }
    // The clock has gone back by an hour.
    history.addScrub('h', { ...scrub, totals, arrivedAt: start + 20_000 - 3_600_000 }, true)
    expect(await history.remembered('h')).toMatchObject({
      scrub: { totals: { residentAfterBytes: 130 } },
      left: { doubleCachedBytes: 30 },
    })
  })
})

describe('a file that cannot be used', () => {
  it('of a newer build is not written to', async () => {
    bed.restore('schema-0.sql')
    const database = new DatabaseSync(bed.path)
    database.exec('ALTER TABLE raw ADD COLUMN newest REAL; PRAGMA user_version = 99')
    database.close()
    const before = readFileSync(bed.path)
    await expectNoHistory({ code: 'not-supported', message: expect.stringContaining('schema 99') })
    expect(readFileSync(bed.path).equals(before)).toBe(true)
    expect(readdirSync(bed.folder)).toEqual(['history.sqlite'])
  })

  it('because another program has locked it is waited for', async () => {
    bed.restore('schema-0.sql')
    const other = new DatabaseSync(bed.path)
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    await expectNoHistory({ code: 'busy', remedy: expect.stringContaining('Another program') })
    const health: (string | undefined)[] = []
    const keeper = new HistoryKeeper(bed.path, {
      onHealth: (problem) => health.push(problem?.code),
      onAside: (problem) => bed.problems.push(problem),
    })
    keeper.open()
    keeper.addWrite({ kind: 'interval', hostId: 'h', interval: measureInterval(undefined, late) })
    other.close()
    keeper.open()
    expect(keeper.read((store) => store.series(query, start)).at.at(-1)).toBe(late.at)
    keeper.close()
    expect(health).toEqual(['busy', undefined, undefined])
    expect(bed.problems).toEqual([])
  })

  it.skipIf(!isRoot)('on a read-only disk is left alone (needs root to mount one)', async () => {
    bed.restore('schema-0.sql')
    const folder = join(bed.folder, 'disk')
    const unmount = mountSmall(folder, 'size=8m')
    try {
      cpSync(bed.path, join(folder, 'history.sqlite'))
      execFileSync('mount', ['-o', 'remount,ro', folder])
      await expectNoHistory({ code: 'not-permitted' }, folder)
    } finally {
      unmount()
    }
  })

  it.skipIf(!isRoot)(
    'on a full disk is missed until there is room again (needs root to mount one)',
    async () => {
      const folder = join(bed.folder, 'disk')
      const unmount = mountSmall(folder, 'size=1m')
      try {
        const history = bed.open(folder)
        history.addSample('h', undefined, late)
        await history.remembered('h')
        const filler = join(folder, 'filler')
        fill(filler)
        history.addSample('h', late, fakeSample({ at: start + 68_000, unreadable: [] }))
        for (let index = 0; index < 4000; index += 1) {
          history.addSample('h', undefined, fakeSample({ at: start + 70_000 + index }))
        }
        await expect.poll(() => bed.health()?.code).toBe('out-of-space')
        execFileSync('truncate', ['-s', '0', filler])
        execFileSync('mount', ['-o', 'remount,size=16m', folder])
        await expect.poll(() => bed.health()).toBeUndefined()
        const { at } = await history.series({ ...query, points: 5000 })
        expect(at.length).toBe(4002)
        await history.close()
      } finally {
        unmount()
      }
    },
  )
})

describe('a damaged file', () => {
  it('that is no database is kept aside, and a new one begins', async () => {
    writeFileSync(bed.path, 'this is not a database, but long enough to look at')
    const history = bed.open()
    expect(await history.remembered('h')).toEqual({})
    expect(bed.problems).toMatchObject([{ code: 'bad-input', remedy: expect.stringContaining('.corrupt-') }])
    expect(readdirSync(bed.folder).some((name) => name.includes('.corrupt-'))).toBe(true)
  })

  it('whose damage shows only when it is written to is kept aside then, and what waited is written', async () => {
    bed.restore('schema-0.sql')
    await bed.open().close()
    damagePages(bed.path)
    const history = bed.open()
    history.addSample('h', undefined, late)
    await expect.poll(() => bed.problems.length).toBe(1)
    await expect.poll(async () => (await history.series(query)).at).toEqual([late.at])
    expect(bed.problems).toMatchObject([{ remedy: expect.stringContaining('.corrupt-') }])
  })
})

/** Nothing is kept, every question says why, and the workbench itself starts and shows it. */
async function expectNoHistory(problem: object, folder = bed.folder): Promise<void> {
  const home = join(bed.folder, 'home')
  const dataDirectory = folder
  const logged: unknown[] = []
  const workbench = await createWorkbench({
    dataDirectory,
    environment: findSshEnvironment({ HOME: home }),
    version: '0.0.0',
    stay: 'resident',
    onProblem: ({ code, message, remedy }) => logged.push({ code, message, remedy }),
  })
  try {
    const { handlers } = workbench
    await expect(handlers['history/series'](query, quiet)).rejects.toMatchObject(problem)
    expect(await handlers['fleet/list']({}, quiet)).toMatchObject({ hosts: [], problems: [problem] })
    expect(logged).toMatchObject([problem])
  } finally {
    await workbench.close()
  }
}

function fill(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (;;) writeSync(file, Buffer.alloc(4096))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

/** All pages but the first, which holds the schema. */
function damagePages(path: string): void {
  const bytes = readFileSync(path)
  bytes.fill(0xa5, 4096)
  writeFileSync(path, bytes)
}

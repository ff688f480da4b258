// A burst from its start to its end, on a host made of files in which a timer stands for ksmd.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FixtureHost, makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import { listAudit } from '../changes/audit.ts'
import type { BurstTools } from './burst-tools.ts'
import type { MeasuredPotential } from './potential.ts'
import { readKsmStatus } from './status.ts'
import { startKsm } from './switch-ksm.ts'
import { TreeAnchor } from './tree-anchor.ts'
import { watchBurst } from './watch-burst.ts'

const pageSize = 4096

/** pages_shared, pages_sharing, pages_unshared, pages_volatile at the end of a pass. */
type Pass = readonly [number, number, number, number]

let host: FixtureHost
let timer: ReturnType<typeof setInterval> | undefined
beforeEach(() => {
  host = makeFixtureHost('linux-6.18')
  const meminfo = join(host.context.root.proc, 'meminfo')
  writeFileSync(meminfo, `${readFileSync(meminfo, 'utf8')}AnonHugePages: 1000000 kB\n`)
  write({
    pages_shared: 0,
    pages_sharing: 0,
    pages_unshared: 0,
    pages_volatile: 0,
    full_scans: 7,
    ksm_zero_pages: 0,
  })
})
afterEach(() => {
  clearInterval(timer)
  host.remove()
})

function write(counters: Readonly<Record<string, number>>): void {
  const folder = join(host.context.root.sys, 'kernel/mm/ksm')
  for (const [file, value] of Object.entries(counters)) {
    // By renaming: a reader must not meet an empty file.
    writeFileSync(join(host.context.root.sys, file), `${value}\n`)
    renameSync(join(host.context.root.sys, file), join(folder, file))
  }
}

/** Long against what a look takes on a busy machine. */
const ticksInPass = 40

/** While `run` is 1: a page is looked at each time, and a pass ends every few times; the last one is repeated. */
function runKsmd(passes: readonly Pass[]): void {
  let ticks = 0
  timer = setInterval(() => {
    if (host.read('run') !== '1') return
    ticks += 1
    write({ pages_scanned: ticks })
    const passesAt = (tick: number) => Math.floor(tick / ticksInPass)
    const last = passes[Math.min(passes.length, passesAt(ticks)) - 1]
    const [shared, sharing, unshared, rest] = last ?? [0, 0, 0, 0]
    write({ pages_shared: shared, pages_sharing: sharing, pages_unshared: unshared, pages_volatile: rest })
    // A while later: files are not read at one moment.
    write({ full_scans: 7 + passesAt(Math.max(0, ticks - 4)) })
  }, 10)
}

interface Tools extends BurstTools {
  offered: number
  gaveBack: number
  readonly rates: string[]
}

/** Measures these potentials, in pages, one after the other. */
function makeTools(...potentials: readonly number[]): Tools {
  const left = [...potentials]
  const tools: Tools = {
    offered: 0,
    gaveBack: 0,
    rates: [],
    measure: async (): Promise<MeasuredPotential> => {
      const bytes = (left.shift() ?? Number.NaN) * pageSize
      const guests = new Map()
      return { bytes, savedBytes: 0, residentBytes: 2 ** 30, measuredAtSeconds: 1, guests }
    },
    anchor: new TreeAnchor(() => {
      tools.offered += 1
      tools.rates.push(host.read('pages_to_scan'))
    }),
    giveBack: async () => {
      tools.gaveBack += 1
      return { bytes: 0, candidateBytes: 0, seconds: 0, cpuSeconds: 0 }
    },
  }
  return tools
}

async function runBurst(tools: Tools, passes: readonly Pass[]) {
  runKsmd(passes)
  await startKsm(host.context, {}, { tools })
  await watchBurst(host.context, new AbortController().signal, tools)
  return (await readKsmStatus(host.context)).burst
}

// A busy machine is slow to look.
describe('a burst', { timeout: 30_000 }, () => {
  it('does not begin below the threshold, and changes nothing', async () => {
    const before = host.readAll()
    const status = await startKsm(host.context, {}, { tools: makeTools(1000) })
    expect(status.burst).toMatchObject({ state: 'not-worth-it', potentialBytes: 1000 * pageSize })
    expect(status).not.toHaveProperty('journaledSince')
    expect(host.readAll()).toEqual(before)
    expect(listAudit(host.context.folders, 5)).toEqual([])
  })

  it('is realised when the potential is freed, places the anchor before the first pass, and gives back', async () => {
    const tools = makeTools(50_000, 100)
    const burst = await runBurst(tools, [
      [0, 0, 0, 100_000],
      [20_000, 50_000, 30_000, 100],
    ])
    expect(burst).toMatchObject({
      state: 'realised',
      cause: 'potential reached',
      freedBytes: 50_000 * pageSize,
      leftBytes: 100 * pageSize,
    })
    expect(tools).toMatchObject({ offered: 1, gaveBack: 1, rates: ['1'] })
    expect([host.read('run'), host.read('pages_to_scan')]).toEqual(['0', '5000'])
    const actions = listAudit(host.context.folders, 9).map(({ action }) => action)
    expect(actions.toSorted()).toEqual(['ksm burst end', 'ksm start'])
  })

  it('is exhausted when passes bring nothing more, and says what changed', async () => {
    const burst = await runBurst(makeTools(50_000, 20_000), [
      [0, 0, 0, 100_000],
      [20_000, 30_000, 40_000, 10_000],
      [20_000, 30_010, 40_000, 9_990],
    ])
    expect(burst).toMatchObject({ state: 'exhausted', cause: 'plateau', leftBytes: 20_000 * pageSize })
    expect(burst?.reasons?.join()).toContain('changed between two passes')
  })

  it('tries again what came too late for its passes', async () => {
    const tools = makeTools(50_000, 8_000, 500)
    const burst = await runBurst(tools, [
      [0, 0, 0, 100_000],
      [20_000, 42_000, 30_000, 8_000],
      [20_000, 42_010, 30_000, 7_990],
      [20_000, 49_600, 30_000, 400],
    ])
    expect(burst).toMatchObject({
      state: 'realised',
      potentialBytes: 50_010 * pageSize,
      leftBytes: 500 * pageSize,
    })
    const actions = listAudit(host.context.folders, 9).map(({ action }) => action)
    expect(actions).toContain('ksm burst again')
  })

  it('tries again what void passes hid, and tells of them', async () => {
    const tools = makeTools(50_000, 50_000, 50_000)
    const passes: Pass[] = [
      [0, 0, 0, 100_000],
      [0, 0, 1, 99_999],
    ]
    const burst = await runBurst(tools, passes)
    expect(burst).toMatchObject({ state: 'given-up', cause: 'no pass could compare', voidPasses: 3 })
  })

  it('ends early with its signal, and keeps what is merged', async () => {
    runKsmd([[0, 0, 0, 100_000]])
    const tools = makeTools(50_000)
    await startKsm(host.context, {}, { tools })
    const stop = new AbortController()
    const watching = watchBurst(host.context, stop.signal, tools)
    stop.abort()
    await watching
    const { burst, settings } = await readKsmStatus(host.context)
    expect(burst?.state).toBe('stopped')
    expect(settings.run).toBe(0)
    expect(tools.gaveBack).toBe(0)
  })

  it('is left alone once somebody else has stopped it', async () => {
    runKsmd([[0, 0, 0, 100_000]])
    const tools = makeTools(50_000)
    await startKsm(host.context, {}, { tools })
    const watching = watchBurst(host.context, new AbortController().signal, tools)
    host.write('run', '0\n')
    await watching
    expect((await readKsmStatus(host.context)).burst?.state).toBe('stopped')
    expect(listAudit(host.context.folders, 9).map(({ action }) => action)).toEqual(['ksm start'])
  })
})

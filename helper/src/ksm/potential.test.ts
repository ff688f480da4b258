import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FixtureHost, makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import { aimOf, countGuestPages, startThresholdBytes } from './potential.ts'

const pageSize = 4096
const counters = { fullScans: 3, pagesShared: 2_000, pagesSharing: 8_000, pagesUnshared: 0, pagesVolatile: 0 }
const guest = { startTime: '1', mergeable: true, potentialBytes: 0, mergedBytes: 0, residentBytes: 0 }
const measured = { bytes: 5_000 * pageSize, savedBytes: 3_000 * pageSize, guests: new Map([[101, guest]]) }

let host: FixtureHost
beforeEach(() => {
  host = makeFixtureHost('linux-6.18')
})
afterEach(() => host.remove())

function addProcess(pid: number, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(host.context.root.proc, String(pid)))
  for (const [file, text] of Object.entries(files))
    writeFileSync(join(host.context.root.proc, String(pid), file), text)
}

const merging = (pages: number) =>
  `ksm_rmap_items ${pages}\nksm_merging_pages ${pages}\nksm_process_profit 0\n`

describe('the aim of a burst', () => {
  it('leaves out merged pages of processes that have ended, which the kernel still counts', async () => {
    addProcess(101, { ksm_stat: merging(4_000) })
    const aim = await aimOf(host.context.root, measured, counters)
    expect(aim).toEqual({ potentialPages: 5_000, savedPages: 3_000 })
  })

  it('counts processes that live and are no guests, by their share of the sites', async () => {
    addProcess(101, { ksm_stat: merging(4_000) })
    addProcess(102, { ksm_stat: merging(1_000) })
    expect((await aimOf(host.context.root, measured, counters)).savedPages).toBe(3_800)
  })

  it('never counts more than the kernel does', async () => {
    addProcess(101, { ksm_stat: merging(4_000) })
    const few = { ...counters, pagesSharing: 2_500 }
    expect((await aimOf(host.context.root, measured, few)).savedPages).toBe(2_500)
  })

  it('takes all for living where the kernel does not tell what processes share', async () => {
    addProcess(101, { ksm_stat: 'ksm_rmap_items 12\n' })
    const withZeros = { ...counters, ksmZeroPages: 50 }
    expect((await aimOf(host.context.root, measured, withZeros)).savedPages).toBe(8_050)
  })

  it('takes all for living where a process cannot be looked at, and needs no figure of a guest', async () => {
    addProcess(102, { ksm_stat: merging(1_000) })
    mkdirSync(join(host.context.root.proc, '101/ksm_stat'), { recursive: true })
    expect((await aimOf(host.context.root, measured, counters)).savedPages).toBe(3_800)
    mkdirSync(join(host.context.root.proc, '103/ksm_stat'), { recursive: true })
    expect((await aimOf(host.context.root, measured, counters)).savedPages).toBe(8_000)
  })
})

it('counts resident pages of processes that are there', async () => {
  addProcess(101, { statm: '9000 700 50 1 0 800 0\n' })
  expect(await countGuestPages(host.context.root, [101, 999])).toEqual({ 101: 700 })
})

it.each([
  [0, 4 * 2 ** 20],
  [100 * 2 ** 30, 0.5 * 2 ** 30],
])('begins no burst on %d resident bytes below %d', (residentBytes, threshold) => {
  expect(startThresholdBytes({ residentBytes })).toBe(threshold)
})

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import type { GuestMerging } from '../../../src/shared/contract/guests.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { BlockStatistics } from './block-statistics.ts'
import { MonitorSampler, type RosteredGuest } from './sample-monitors.ts'

const folder = mkdtempSync(join(tmpdir(), 'singleton-monitors-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const root = { proc: join(folder, 'proc'), sys: join(folder, 'sys') }

/** Guests whose turns come in the same samples. */
const guestOf = (pid: number, name: string): RosteredGuest => ({
  pid,
  name,
  args: ['-qmp', `unix:/run/${name}.qmp,server=on,wait=off`],
  startTime: '1',
  credentials: { uid: 0, gid: 0, groups: [], readsAll: true },
})
const honest = guestOf(10, 'honest')
const mute = guestOf(15, 'mute')
const guests = [honest, mute]

/** Answers for all guests at once; with `silence`, only once that is over, and then not for the mute one. */
function monitorsThat(silence: () => Promise<void> | undefined) {
  const asked: string[][] = []
  const read = async (_: unknown, those: readonly { readonly pid: number }[]): Promise<BlockStatistics> => {
    const waited = silence()
    asked.push(guests.filter(({ pid }) => those.some((one) => one.pid === pid)).map(({ name }) => name))
    await waited
    const isMute = ({ pid }: { readonly pid: number }) => waited !== undefined && pid === mute.pid
    const answered = those.filter((guest) => !isMute(guest))
    return {
      guests: answered.map(({ pid }) => ({
        pid,
        disks: [{ name: 'vda', readBytes: 1, readRequests: asked.length }],
      })),
      failed: those
        .filter(isMute)
        .map(() => ({ guest: mute, error: new Problem('timed-out', 'it says nothing') })),
    }
  }
  return { sampler: new MonitorSampler(root, read), asked }
}

describe('a monitor that says nothing', () => {
  it('holds no later sample up, and its figures are missing once the deadline is over', async () => {
    const silence = Promise.withResolvers<void>()
    let isMute = false
    const { sampler, asked } = monitorsThat(() => (isMute ? silence.promise : undefined))
    await sampler.sampleMonitors(guests)
    isMute = true
    // Each of them ends though the monitors that were asked in the sixth never answer.
    for (let sample = 1; sample <= 12; sample += 1) {
      const { figures } = await sampler.sampleMonitors(guests)
      expect(figures.get(mute.pid)?.diskReads?.readRequests).toBe(1)
    }
    // One look at a time: none is begun while another waits.
    expect(asked).toEqual([
      ['honest', 'mute'],
      ['honest', 'mute'],
    ])
    silence.resolve()
    await expect
      .poll(async () => (await sampler.sampleMonitors(guests)).figures.get(honest.pid)?.diskReads)
      .toMatchObject({ readRequests: 2 })
    const { figures, unreadable } = await sampler.sampleMonitors(guests)
    expect(figures.get(mute.pid)).toMatchObject({ monitorProblem: { code: 'timed-out' } })
    expect(figures.get(mute.pid)).not.toHaveProperty('diskReads')
    // No figure of the sample itself is lost by it.
    expect(unreadable).toEqual([])
  })

  it('holds up the first sample that asks it, and none after it', async () => {
    let asks = 0
    const { sampler, asked } = monitorsThat(() => {
      asks += 1
      return asks === 1 ? Promise.resolve() : new Promise<void>(() => undefined)
    })
    const first = await sampler.sampleMonitors(guests)
    expect(first.figures.get(mute.pid)).toMatchObject({ monitorProblem: { code: 'timed-out' } })
    for (let sample = 1; sample <= 40; sample += 1) await sampler.sampleMonitors(guests)
    expect(asked).toHaveLength(2)
  })

  it('is waited for where two moments are compared', async () => {
    const { sampler, asked } = monitorsThat(() => undefined)
    for (let sample = 1; sample <= 3; sample += 1) {
      const { figures } = await sampler.sampleMonitors(guests, true)
      expect(figures.get(mute.pid)?.diskReads?.readRequests).toBe(sample)
    }
    expect(asked).toHaveLength(3)
  })
})

it('leaves out how a guest merges whose memory map cannot be read, and says why, without reading it in each sample', async () => {
  const broken = guestOf(20, 'broken')
  // Reading it fails, as that of a map does that has no end.
  mkdirSync(join(root.proc, '20/smaps'), { recursive: true })
  const { sampler } = monitorsThat(() => undefined)
  for (let sample = 1; sample <= 2; sample += 1) {
    const { figures, unreadable } = await sampler.sampleMonitors([...guests, broken])
    expect(figures.get(broken.pid)).not.toHaveProperty('merging')
    expect([...figures.keys()]).toEqual([10, 15, 20])
    expect(unreadable).toMatchObject([
      {
        path: 'memory map of guest broken',
        problem: { code: 'system', message: expect.stringContaining('EISDIR') },
      },
    ])
  }
})

it('takes no figure from an answer that comes after one that was asked for later', async () => {
  const silence = Promise.withResolvers<void>()
  let asks = 0
  const read = async (_: unknown, those: readonly { readonly pid: number }[]): Promise<BlockStatistics> => {
    asks += 1
    const disks = [{ name: 'vda', readBytes: 1, readRequests: asks }]
    if (asks === 2) await silence.promise
    return { guests: those.map(({ pid }) => ({ pid, disks })), failed: [] }
  }
  const sampler = new MonitorSampler(root, read)
  const requests = async (all = false) => {
    const { figures } = await sampler.sampleMonitors(guests, all)
    return figures.get(honest.pid)?.diskReads?.readRequests
  }
  // Their turn comes again in the sixth sample, beside which they are asked.
  for (let sample = 1; sample <= 6; sample += 1) expect(await requests()).toBe(1)
  expect(asks).toBe(2)
  expect(await requests(true)).toBe(3)
  silence.resolve()
  await setImmediate()
  expect(await requests()).toBe(3)
})

describe('the merge state', () => {
  it('is read again when it was switched while a sample read it', async () => {
    const reading = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<void>()
    let state: GuestMerging = 'on'
    const readState = async () => {
      const found = state
      reading.resolve()
      await answer.promise
      return found
    }
    const noStatistics = async (): Promise<BlockStatistics> => ({ guests: [], failed: [] })
    const sampler = new MonitorSampler(root, noStatistics, readState)
    const sampleState = async () => (await sampler.sampleMonitors([honest])).figures.get(honest.pid)?.merging
    const during = sampleState()
    await reading.promise
    state = 'off'
    sampler.forgetMerging()
    answer.resolve()
    expect(await during).toBe('on')
    expect(await sampleState()).toBe('off')
    // Nothing was switched since: it is kept.
    state = 'partly'
    expect(await sampleState()).toBe('off')
  })
})

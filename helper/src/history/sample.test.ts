import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { sample } from '../../../src/shared/contract/history.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { type FixtureHost, makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import { Sampler } from './sample.ts'
import { noteSharedGroups, sampleGuest } from './sample-guest.ts'

let host: FixtureHost
afterEach(() => host?.remove())

function addProcess(pid: number, files: Readonly<Record<string, string>>): void {
  const folder = join(host.context.root.proc, String(pid))
  mkdirSync(join(folder, 'fd'), { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
}

const stat = '900 (qemu (x)) S 1 1 1 0 -1 0 0 0 0 0 700 24 0 0 20 0 3 0 5000 0 0'
const guest = {
  comm: 'qemu-system-x86\n',
  cmdline: 'qemu-system-x86_64\0-name\0guest=web,debug-threads=on\0-m\x00256\0',
  stat,
  statm: '200000 75000 100 0 0 0 0\n',
  io: 'rchar: 1000\nwchar: 5\nsyscr: 1\nsyscw: 1\nread_bytes: 4096\nwrite_bytes: 0\n',
  ksm_stat: 'ksm_rmap_items 10\nksm_zero_pages 0\nksm_merging_pages 7\nksm_process_profit 1\n',
}
const counter = { count: async () => ({ residentBytes: 4096, isWalked: false }) }
const listImages = async () => ({ images: [], unreadable: [] })

describe('the sampler', () => {
  it('reads guests, memory and KSM of a fixture host', async () => {
    host = makeFixtureHost('linux-6.18')
    addProcess(900, guest)
    const taken = await new Sampler({ ...host.context, counter, listImages }).takeSample()
    expect(sample.parse(taken)).toEqual(taken)
    expect(taken.guests).toEqual([
      {
        pid: 900,
        name: 'web',
        rssBytes: 75000 * 4096,
        cpuSeconds: 7.24,
        rcharBytes: 1000,
        readBytes: 4096,
        mergingBytes: 7 * 4096,
        ioPressureNote: 'this host has no cgroup v2',
        monitorProblem: expect.objectContaining({
          code: 'not-supported',
          remedy: expect.stringContaining('-qmp'),
        }),
      },
    ])
    expect(taken.ksm?.counters.ksmdCpuSeconds).toBe(5)
  })

  it('tells a guest of any control group in words that a sample holds', async () => {
    host = makeFixtureHost('linux-6.18')
    addProcess(900, { ...guest, cgroup: `0::/../${'g'.repeat(4000)}\n` })
    const taken = await new Sampler({ ...host.context, counter, listImages }).takeSample()
    expect(sample.parse(taken).guests[0]?.ioPressureNote).toMatch(/^its control group \/\.\.\/g+$/)
  })

  it('reads pressure and swap where the kernel reports them, 0 included', async () => {
    host = makeFixtureHost('linux-6.18')
    const folder = join(host.context.root.proc, 'pressure')
    const sampler = new Sampler({ ...host.context, counter, listImages })
    const gauges = async () => (await sampler.takeSample()).gauges
    expect(await gauges()).toEqual({ dirtyBytes: 0, anonBytes: 0, swapUsedBytes: 0 })
    mkdirSync(folder)
    writeFileSync(join(folder, 'memory'), 'some avg10=2.50 total=1\nfull avg10=0.00 total=0\n')
    writeFileSync(join(folder, 'io'), 'some avg10=100.00 total=1\n')
    expect(await gauges()).toEqual({
      dirtyBytes: 0,
      anonBytes: 0,
      swapUsedBytes: 0,
      memorySomePressureRatio: 0.025,
      memoryFullPressureRatio: 0,
      ioSomePressureRatio: 1,
    })
  })

  it('finds a guest that was started later, and drops one that ended', async () => {
    host = makeFixtureHost('linux-6.1')
    addProcess(900, guest)
    const sampler = new Sampler({ ...host.context, counter, listImages })
    expect((await sampler.takeSample()).guests).toHaveLength(1)
    // The pid is another process's now.
    addProcess(900, { stat: stat.replace('5000', '6000'), comm: 'bash\n', cmdline: 'bash\0', statm: '1 1 1' })
    expect((await sampler.takeSample()).guests).toEqual([])
    addProcess(901, { ...guest, stat: stat.replace('900', '901') })
    for (let count = 0; count < 5; count += 1) await sampler.takeSample()
    expect((await sampler.takeSample()).guests.map(({ pid }) => pid)).toEqual([901])
  })

  it('asks a monitor for reads, and tells why it does not answer, which costs no other figure', async () => {
    host = makeFixtureHost('linux-6.18')
    const cmdline = `${guest.cmdline}-qmp\0unix:/nowhere/web.qmp,server=on,wait=off\0`
    addProcess(900, { ...guest, cmdline })
    const taken = await new Sampler({ ...host.context, counter, listImages }).takeSample()
    expect(taken.guests).toEqual([
      expect.objectContaining({
        name: 'web',
        rcharBytes: 1000,
        monitorProblem: expect.objectContaining({ message: expect.stringContaining('/nowhere/web.qmp') }),
      }),
    ])
    expect(taken.unreadable).toEqual([])
  })

  it('counts reads of the disks under the images, and no other disk', async () => {
    host = makeFixtureHost('linux-6.18')
    writeFileSync(
      join(host.context.root.proc, 'diskstats'),
      ' 8 0 sda 10 0 0 2500 0 0 0 0 0 0 0 0\n 8 16 sdb 9 0 0 1 0 0 0 0 0 0 0 0\n',
    )
    const listed = ['8:0:12@1', '8:0:13@1', '0:45:7@1'].map((id) => ({
      id,
      path: `/images/${id}`,
      label: id,
      places: [],
      format: 'raw' as const,
      cacheMode: 'buffered' as const,
      sizeBytes: 1,
      guests: [900],
    }))
    const withImages = async () => ({ images: listed, unreadable: [] })
    const taken = await new Sampler({ ...host.context, counter, listImages: withImages }).takeSample()
    expect(taken.disks).toEqual([{ device: '8:0', reads: 10, readSeconds: 2.5 }])
  })

  it('leaves KSM absent where the kernel has none', async () => {
    host = makeFixtureHost('linux-6.1')
    const root = { ...host.context.root, sys: '/nowhere' }
    expect(await new Sampler({ ...host.context, root, counter, listImages }).takeSample()).not.toHaveProperty(
      'ksm',
    )
  })
})

describe('sampleGuest', () => {
  it('says that a guest is gone by leaving it out', async () => {
    host = makeFixtureHost('linux-6.18')
    expect(await sampleGuest(host.context.root, { pid: 12345, name: 'x' })).toEqual({ unreadable: [] })
  })
})

it('guests of one control group are told that they share its I/O pressure', () => {
  const guest = (pid: number, group?: string, ioPressureRatio?: number) => ({
    guest: { pid, name: `g${pid}`, rssBytes: 1, ...withValue({ ioPressureRatio }) },
    ...withValue({ group }),
    unreadable: [],
  })
  const sampled = [guest(1, '/a', 0.1), guest(2, '/a', 0.1), guest(3, '/b', 0), guest(4), { unreadable: [] }]
  expect(noteSharedGroups(sampled).map(({ ioPressureNote }) => ioPressureNote)).toEqual([
    'of its control group /a, which holds other guests, too',
    'of its control group /a, which holds other guests, too',
    undefined,
    undefined,
  ])
})

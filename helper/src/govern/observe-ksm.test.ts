import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FixtureHost, makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import type { Guest } from '../guests/guests.ts'
import { type KsmLook, KsmObserver } from './observe-ksm.ts'

const guest = (pid: number): Guest => ({
  pid,
  name: `guest ${pid}`,
  args: [],
  credentials: { uid: 0, gid: 0, groups: [], readsAll: true },
})

let host: FixtureHost
beforeEach(() => {
  host = makeFixtureHost('linux-6.18')
  writeFileSync(join(host.context.root.proc, 'uptime'), '1000.00 1.00\n')
  addProcess(101, 40_000)
  addProcess(102, 90_000)
})
afterEach(() => host.remove())

function addProcess(pid: number, startTime: number): void {
  const folder = join(host.context.root.proc, String(pid))
  const fields = Array.from({ length: 30 }, (_, index) => (index === 18 ? startTime : 0))
  mkdirSync(folder)
  writeFileSync(join(folder, 'stat'), `${pid} (qemu) S ${fields.join(' ')}\n`)
  writeFileSync(join(folder, 'statm'), '9000 700 50 1 0 800 0\n')
  writeFileSync(join(folder, 'ksm_stat'), 'ksm_merging_pages 12\n')
}

const said: string[] = []
beforeEach(() => said.splice(0))

function look(guests: readonly Guest[]): KsmLook {
  const measured = {
    startTime: '40000',
    mergeable: false,
    potentialBytes: 4096,
    mergedBytes: 0,
    residentBytes: 0,
  }
  return {
    root: host.context.root,
    nowSeconds: 50,
    memory: { totalBytes: 100, availableBytes: 50, imageCacheBytes: 0 },
    guests,
    potential: {
      bytes: 8192,
      savedBytes: 0,
      savedPages: 3,
      residentBytes: 0,
      measuredAtSeconds: 40,
      guests: new Map([
        [101, measured],
        [102, measured],
      ]),
    },
    turnedOver: new Set([102]),
    switches: { isReachable: (pid) => pid === 101, mergeable: () => undefined },
    breaks: { countBreaks: (pid) => (pid === 101 ? 5 : undefined) },
    readsRooms: false,
    noteUnreadable: (line) => said.push(line),
  }
}

describe('KsmObserver', () => {
  it('says of each guest what is known of this very process', async () => {
    const seen = await new KsmObserver().observeKsm(look([guest(101), guest(102)]))
    expect(seen?.potential).toEqual({ bytes: 8192, savedPages: 3, measuredAtSeconds: 40 })
    expect(seen?.guests).toEqual([
      {
        pid: 101,
        name: 'guest 101',
        ageSeconds: 600,
        residentBytes: 700 * 4096,
        mergeable: false,
        monitorReachable: true,
        potentialBytes: 4096,
        mergedBytes: 12 * 4096,
        breaks: 5,
      },
      {
        pid: 102,
        name: 'guest 102',
        ageSeconds: 100,
        residentBytes: 700 * 4096,
        // Another process was measured under this pid.
        mergeable: true,
        monitorReachable: false,
        mergedBytes: 12 * 4096,
        turnedOver: true,
      },
    ])
  })

  it('reads what a shared control group leaves only for a policy that may hurry', async () => {
    shareGroup()
    const roomsOf = async (readsRooms: boolean) => {
      const seen = await new KsmObserver().observeKsm({ ...look([guest(101), guest(102)]), readsRooms })
      return seen?.guests.map(({ rooms }) => rooms)
    }
    const room = { limitBytes: 1000, availableBytes: 400 }
    expect(await roomsOf(true)).toEqual([[room], [room]])
    expect(await roomsOf(false)).toEqual([undefined, undefined])
  })

  it('leaves out a guest that has ended', async () => {
    const seen = await new KsmObserver().observeKsm(look([guest(101), guest(103)]))
    expect(seen?.guests.map(({ pid }) => pid)).toEqual([101])
  })

  it.each([
    ['ksm_stat', [101, 102]],
    ['statm', [102]],
  ])('sees the other guests where %s of one cannot be read, and says so', async (file, seenPids) => {
    const path = join(host.context.root.proc, '101', file)
    rmSync(path)
    // Reading it fails, as where a security module refuses it.
    mkdirSync(path)
    const seen = await new KsmObserver().observeKsm(look([guest(101), guest(102)]))
    expect(seen?.guests.map(({ pid }) => pid)).toEqual(seenPids)
    expect(seen?.guests.find(({ pid }) => pid === 101)?.mergedBytes).toBeUndefined()
    expect(seen?.guests.find(({ pid }) => pid === 102)?.mergedBytes).toBe(12 * 4096)
    expect(said).toEqual([expect.stringMatching(/^cannot .*101.*EISDIR/)])
  })

  it.each([
    ['the limit of one guest', '101/cgroup', [undefined, undefined]],
    ['a group', '../sys/fs/cgroup/guests/memory.max', [undefined, undefined]],
  ])('goes on where %s cannot be read, and says so', async (_name, file, rooms) => {
    const folder = shareGroup()
    const path = file.startsWith('..') ? join(folder, 'memory.max') : join(host.context.root.proc, file)
    rmSync(path)
    mkdirSync(path)
    const seen = await new KsmObserver().observeKsm({ ...look([guest(101), guest(102)]), readsRooms: true })
    expect(seen?.guests.map((one) => one.rooms)).toEqual(rooms)
    expect(said).toEqual([expect.stringMatching(/^cannot read .*EISDIR/)])
  })

  it.each([
    ['the kernel says that nothing of it is offered', 'ksm_mergeable: no\n', [], false],
    ['something of it is', 'ksm_mergeable: yes\n', [], true],
    ['its command line turns merging off', '', ['-machine', 'q35,mem-merge=off'], false],
    ['its command line leaves merging on', '', ['-machine', 'q35'], true],
  ])('knows whether a guest that was not measured can be merged: %s', async (_name, stat, args, expected) => {
    writeFileSync(join(host.context.root.proc, '102/ksm_stat'), `ksm_merging_pages 0\n${stat}`)
    const seen = await new KsmObserver().observeKsm(look([{ ...guest(102), args }]))
    expect(seen?.guests.map(({ mergeable }) => mergeable)).toEqual([expected])
  })

  it('looks for other governors as soon as another rate is set than was asked for', async () => {
    const observer = new KsmObserver()
    const { proc, sys } = host.context.root
    const ask = (run: string, pages: string) => {
      for (const [name, text] of Object.entries({ run, pages_to_scan: pages, sleep_millisecs: '10' }))
        writeFileSync(join(sys, 'kernel/mm/ksm', name), `${text}\n`)
    }
    const others = async () => (await observer.observeKsm(look([guest(101)])))?.otherGovernors
    ask('1', '5000')
    expect(await others()).toEqual([])
    observer.noteAsked([{ kind: 'scan', pagesToScan: 5000, sleepMillisecs: 10 }])
    addProcess(200, 95_000)
    writeFileSync(join(proc, '200/comm'), 'ksmtuned\n')
    const own = 'CapEff:\t000001ffffffffff\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t\n'
    writeFileSync(join(proc, '200/status'), own)
    expect(await others()).toEqual([])
    ask('1', '300')
    expect(await others()).toEqual(['ksmtuned (process 200)'])
  })

  it('sees nothing on a kernel without KSM', async () => {
    rmSync(host.context.root.sys, { recursive: true })
    expect(await new KsmObserver().observeKsm(look([guest(101)]))).toBeUndefined()
  })
})

/** Both guests in one control group that leaves 400 of 1000 bytes; returns its folder. */
function shareGroup(): string {
  const { proc, sys } = host.context.root
  const folder = join(sys, 'fs/cgroup/guests')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'memory.max'), '1000\n')
  writeFileSync(join(folder, 'memory.current'), '600\n')
  for (const pid of [101, 102]) writeFileSync(join(proc, String(pid), 'cgroup'), '0::/guests\n')
  return folder
}

// Memory of processes that pass for guests, which keeps those who read it waiting: a file that its own user serves, pages
// that a program supplies, and the lock of the memory map.
import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { assessment } from '../../src/shared/contract/assessment.ts'
import { sample } from '../../src/shared/contract/history.ts'
import { type FaultLab, type HostSession, upFaultLab } from '../beds/fault/fault-lab.ts'
import { type FuseDisk, serveFuseDisk } from '../beds/fault/fuse-disk.ts'
import {
  buildHostileGuest,
  type HostileGuest,
  startHostileGuest,
  stranger,
} from '../beds/fault/hostile-guest.ts'
import { isRoot } from '../beds/is-root.ts'
import { waitUntil } from '../beds/lab/processes.ts'
import { run } from '../beds/lab/run.ts'

const MIB = 2 ** 20
const ramBytes = 64 * MIB
const maxLooks = 400
const heldMs = 60_000

describe.skipIf(!isRoot)('memory of a hostile guest', { timeout: 120_000 }, () => {
  let lab: FaultLab
  let program: string
  let disks = 0
  const guests: HostileGuest[] = []
  const served: FuseDisk[] = []

  beforeAll(async () => {
    lab = await upFaultLab({ leavesKsm: true })
    program = await buildHostileGuest(lab.folder, 'qemu-system-memory', '../hostile/memory-guest.c')
    for (const path of [lab.folder, dirname(lab.folder), dirname(dirname(lab.folder))]) chmodSync(path, 0o711)
  })
  afterEach(async () => {
    // A guest that waits for its own server ends after that.
    for (const disk of served.splice(0)) await disk.end()
    for (const guest of guests.splice(0)) await guest.end()
    await lab.host.exec('rm -f /run/singleton-helper/held-up.jsonl')
  })
  afterAll(() => lab?.down())

  const start = async (name: string) => {
    const guest = await startHostileGuest(lab.host.initPid, program, ['-name', name, '-m', '64M'])
    guests.push(guest)
    return guest
  }
  /** A disk that the guest's user serves, and the guest's descriptor of it. */
  const serve = async (guest: HostileGuest, how = 'mute') => {
    disks += 1
    const mount = join(lab.folder, `served-${disks}`)
    mkdirSync(mount)
    const disk = await serveFuseDisk(lab.host.initPid, mount, `${stranger} ${(2 * ramBytes) / MIB} ${how}`)
    served.push(disk)
    await guest.tell(`become ${stranger}`)
    return { disk, fd: await guest.open(join(mount, 'disk.iso')) }
  }
  const openSession = () => lab.openSession('--read-only')
  const assess = async (session: HostSession) => assessment.parse((await session.call('assess')).result)
  const takeSample = async (session: HostSession) => sample.parse((await session.call('sample')).result)
  const notes = async () =>
    (
      await run('nsenter', [
        ...`--target ${lab.host.initPid} --mount`.split(' '),
        'cat',
        '/run/singleton-helper/held-up.jsonl',
      ])
    ).stdout

  it('is a file that its user serves: that part is left out, and said', async () => {
    const guest = await start('served')
    const { disk, fd } = await serve(guest)
    await guest.tell(`file ${fd} ${ramBytes}`)
    await disk.turn()
    const session = await openSession()
    const found = await assess(session)
    expect(found.guests).toMatchObject([{ name: 'served', residentBytes: ramBytes }])
    expect(found.unreadable.map(({ problem }) => problem)).toContainEqual({
      code: 'not-permitted',
      message: expect.stringMatching(
        /cannot read all RAM of guest served .*64 MiB are a file on a file system that a user serves \(fuse/,
      ),
    })
    expect((await takeSample(session)).guests).toMatchObject([{ name: 'served' }])
  })

  it('has a program that supplies missing pages, and does not: that part is left out, and said', async () => {
    const guest = await start('supplied')
    await guest.tell(`supplied ${ramBytes}`)
    const found = await assess(await openSession())
    expect(found.guests).toMatchObject([{ name: 'supplied', residentBytes: ramBytes }])
    expect(found.unreadable.map(({ problem }) => problem)).toEqual([
      {
        code: 'not-permitted',
        message: expect.stringMatching(
          /cannot read all RAM of guest supplied .*64 MiB have a program that supplies/,
        ),
      },
    ])
  })

  it('is mostly a hundred TiB that nobody has written to: that part is left out of every look, and said', async () => {
    const guest = await start('endless')
    await guest.tell('reserve 100')
    const session = await openSession()
    const looks: readonly [string, object][] = [
      ['assess', {}],
      ['map/take', {}],
      ['page-cache/plan', {}],
      ['forecast/sample', { salt: '0123456789abcdef', perGuest: 64 }],
    ]
    for (const [method, params] of looks) {
      const { result, error } = await session.call(method, params)
      expect(error, method).toBeUndefined()
      const { unreadable } = z
        .object({ unreadable: z.array(z.object({ problem: z.unknown() })) })
        .parse(result)
      expect(
        unreadable.map(({ problem }) => problem),
        method,
      ).toContainEqual({
        code: 'not-supported',
        message: expect.stringMatching(/cannot read all RAM of guest endless .*: 100 TiB are beyond the/),
      })
    }
    expect((await assess(session)).guests).toMatchObject([{ name: 'endless', residentBytes: ramBytes }])
  })

  it('is in 64,000 mappings: what their map tells is left out, and the others lose nothing', async () => {
    await start('quiet')
    const guest = await start('shattered')
    await guest.tell('regions 64000')
    const session = await openSession()
    const endless = {
      code: 'not-supported',
      message: expect.stringMatching(/smaps: it has more than 32 MiB/),
    }
    const taken = await takeSample(session)
    expect(taken.guests.map(({ name, merging }) => [name, merging])).toEqual([
      ['quiet', 'off'],
      ['shattered', undefined],
    ])
    expect(taken.unreadable).toContainEqual({ path: 'memory map of guest shattered', problem: endless })
    const found = await assess(session)
    expect(found.guests.map(({ name }) => name)).toEqual(['quiet'])
    expect(found.unreadable.map(({ problem }) => problem)).toContainEqual(endless)
  })

  /** Asks again and again, as each look may get through between two turns, until the helper has ended. */
  const untilHeldUp = async (session: HostSession, method: string) => {
    let looks = 0
    // What is behind the helper's streams may last longer: a thread that waits for such a server.
    const isOver = () => session.stderr.includes('held up')
    const over = waitUntil(isOver, heldMs, () => 'the helper is held up for too long')
    for (; !isOver() && looks < maxLooks; looks += 1) {
      const id = session.request(method)
      const answered = session.waitFor((answer) => answer.id === id).catch(() => undefined)
      await Promise.race([over, answered])
    }
    expect(looks, session.stderr).toBeLessThan(maxLooks)
    console.log(`held up in look ${looks}: ${session.stderr.trim()}`)
    expect(session.stderr).toMatch(
      /process \d+ has held up the reading of its memory: this helper ends, and the next one leaves/,
    )
    expect(await notes()).toMatch(new RegExp(`^{"pid":\\d+,"startTime":"\\d+","owner":"uid ${stranger}",`))
  }

  it.each([
    ['flip', 'mute'],
    ['flip', 'swallowing'],
    ['lock', 'mute'],
  ] as const)(
    'is put there between look and read (%s, %s): the helper ends, and the next leaves it out',
    async (how, server) => {
      await start('quiet')
      const guest = await start('holder')
      const { disk, fd } = await serve(guest, server)
      if (how === 'flip') await guest.tell(`file ${fd} ${ramBytes}`)
      await disk.turn()
      await guest.tell(`${how} ${fd}`)
      await untilHeldUp(await openSession(), 'assess')
      const next = await openSession()
      for (const { guests: seen, unreadable } of [await takeSample(next), await assess(next)]) {
        expect(seen.map(({ name }) => name)).toEqual(['quiet'])
        expect(unreadable.map(({ problem }) => problem.message)).toContainEqual(
          expect.stringMatching(/left out, because a helper that read its memory was held up by it/),
        )
      }
    },
  )

  it("is that of root's interpreter, which could govern KSM: the helper ends, and the next looks no more", async () => {
    const interpreter = await buildHostileGuest(lab.folder, 'python3-memory', '../hostile/memory-guest.c')
    const process = await startHostileGuest(lab.host.initPid, interpreter, ['/usr/sbin/momd'])
    guests.push(process)
    const session = await openSession()
    const { disk, fd } = await serve(process)
    await disk.turn()
    await process.tell(`lock ${fd}`)
    await untilHeldUp(session, 'ksm/status')
    const { result } = await (await openSession()).call('ksm/status')
    expect(JSON.stringify(result)).not.toContain('MOM')
  })

  it('is not touched where a process only looks like a guest, or like a governor of KSM', async () => {
    for (const name of ['qemu-system-copied', 'momd', 'python3-copied']) {
      const copy = await buildHostileGuest(lab.folder, name, '../hostile/memory-guest.c')
      chownSync(copy, stranger, stranger)
      const process = await startHostileGuest(lab.host.initPid, copy, ['/usr/sbin/momd'])
      guests.push(process)
      const { disk, fd } = await serve(process)
      await disk.turn()
      await process.tell(`lock ${fd}`)
    }
    const session = await openSession()
    const taken = await takeSample(session)
    expect(taken.guests).toEqual([])
    expect(taken.unreadable.map(({ problem }) => problem.message)).toEqual([
      expect.stringMatching(/looks like a guest, left out, because its program belongs to uid 4242/),
    ])
    expect(JSON.stringify((await session.call('ksm/status')).result)).not.toContain('MOM')
    expect(await notes()).toBe('')
  })
})

// Files that a file server hands out: a hostile guest's own, by FUSE and through an overlay, and one that lets root read nothing.
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sample } from '../../src/shared/contract/history.ts'
import type { FaultLab, HostSession } from '../beds/fault/fault-lab.ts'
import { serveFuseDisk } from '../beds/fault/fuse-disk.ts'
import { type HostileBed, upHostileBed } from '../beds/fault/hostile-bed.ts'
import { stranger } from '../beds/fault/hostile-guest.ts'
import { startOverlayGuest } from '../beds/hostile/overlay-guest.ts'
import { isRoot } from '../beds/is-root.ts'

describe.skipIf(!isRoot)('a guest whose file', { timeout: 120_000 }, () => {
  let bed: HostileBed
  let lab: FaultLab
  let session: HostSession
  let program: string

  beforeAll(async () => {
    bed = await upHostileBed()
    ;({ lab, session, program } = bed)
  })
  afterEach(() => bed?.endGuests())
  afterAll(() => lab?.down())

  const start = (name: string, ...args: string[]) => bed.start(name, ...args)
  const assess = () => bed.assess()
  const takeSample = () => bed.takeSample()

  it('is served by itself, through an overlay of its own namespace', async () => {
    const { guest, disk, mute, stopServing } = await startOverlayGuest(
      lab.host.initPid,
      join(lab.folder, 'overlay'),
      program,
      ['-name', 'overlaid'],
    )
    bed.adopt(guest)
    await guest.open(disk)
    await mute()
    const looks = [await takeSample(), await assess()]
    await stopServing()
    for (const found of looks) {
      expect(found.images).toEqual([])
      expect(found.unreadable.map(({ problem }) => problem)).toEqual([
        { code: 'not-permitted', message: expect.stringMatching(/overlay at .*, is served by a user/) },
      ])
    }
  })

  it("is root's program, run from there", async () => {
    const folder = join(lab.folder, 'overlaid-program')
    mkdirSync(join(folder, 'below'), { recursive: true })
    copyFileSync(program, join(folder, 'below/qemu-system-overlaid'))
    chmodSync(join(folder, 'below/qemu-system-overlaid'), 0o755)
    const { guest, mute, stopServing } = await startOverlayGuest(
      lab.host.initPid,
      folder,
      'merged/qemu-system-overlaid',
      ['-name', 'merged'],
    )
    bed.adopt(guest)
    await mute()
    // A sample without guests would look for new ones only later.
    const found = await assess()
    await stopServing()
    expect(found.guests).toEqual([])
    expect(found.unreadable.map(({ problem }) => problem.message)).toEqual([
      expect.stringMatching(
        /left out, because its program lies on a file system that a user serves \(overlay /,
      ),
    ])
  })

  it('is the program of what could govern KSM, run from there', async () => {
    const folder = join(lab.folder, 'overlaid-governor')
    const copy = join(folder, 'below/python3-overlaid')
    mkdirSync(dirname(copy), { recursive: true })
    copyFileSync(program, copy)
    chmodSync(copy, 0o755)
    const { guest, mute, stopServing } = await startOverlayGuest(
      lab.host.initPid,
      folder,
      'merged/python3-overlaid',
      ['/usr/sbin/momd'],
    )
    bed.adopt(guest)
    await mute()
    const { result } = await session.call('ksm/status')
    await stopServing()
    expect(result).toMatchObject({ settings: expect.anything() })
    expect(JSON.stringify(result)).not.toContain('MOM')
  })

  it('is the root folder that it chose itself, which it serves through an overlay', async () => {
    const folder = join(lab.folder, 'rooted')
    const { guest, mute, stopServing } = await startOverlayGuest(lab.host.initPid, folder, program, [
      ...['-name', 'guest=rooted', '-uuid', '6a1f0a52-8f5b-4c6d-9d0e-2f1f6f1a7a10'],
      ...['-chardev', 'socket,id=charmonitor,fd=3,server=on', '-drive', 'file=/x,aio=io_uring'],
    ])
    bed.adopt(guest)
    await guest.tell(`chroot ${join(folder, 'merged')}`)
    await mute()
    // As often as Node and Bun have threads that could wait for it, and more.
    const looks = []
    // One that has seen no guest yet looks for guests at once.
    const fresh = await lab.openSession('--read-only')
    for (let look = 0; look < 12; look += 1) looks.push(sample.parse((await fresh.call('sample')).result))
    await stopServing()
    for (const { guests: seen, unreadable } of looks) {
      // Its program lies where nobody else has anything mounted: it is left out, and said, without a look into its root.
      expect(seen).toEqual([])
      expect(unreadable.map(({ problem }) => problem.message).join()).toMatch(/looks like a guest, left out/)
    }
  })

  it('lies where the server lets root read nothing (NFS): read with the rights of its user, or said', async () => {
    const mount = join(lab.folder, 'squashing')
    mkdirSync(mount)
    const server = await serveFuseDisk(lab.host.initPid, mount, '0 2 allow_other squashing')
    const disk = join(mount, 'disk.iso')
    try {
      const guest = await start('squashed')
      await guest.tell(`become ${stranger}`)
      await guest.open(disk)
      const found = await assess()
      expect(found.images.map(({ path }) => path)).toEqual([disk])
      expect(found.unreadable).toEqual([])
      // Once it is root's guest, nobody's rights are left to read it with.
      const rootsGuest = await start('of-root')
      const own = lab.writeFile('of-root.raw', 2).path
      await rootsGuest.open(own)
      await rootsGuest.tell(`borrow ${stranger} ${disk}`)
      await guest.end()
      const refused = await assess()
      expect(refused.images.map(({ path }) => path)).toEqual([own])
      expect(refused.unreadable.map(({ path, problem }) => [path, problem.code])).toEqual([
        [disk, 'not-permitted'],
      ])
      expect(refused.unreadable[0]?.problem.message).toContain(
        'user 0, as whom its guest runs, may not read it',
      )
      expect(refused.unreadable[0]?.problem.remedy).not.toContain('sudo')
    } finally {
      await bed.endGuests()
      await server.end()
    }
  })
})

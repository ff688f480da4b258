// Processes that pass for guests: their descriptors, by which they want root to open what they may not, and those that are
// left out for their program.
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { assessment } from '../../src/shared/contract/assessment.ts'
import type { FaultLab, HostSession } from '../beds/fault/fault-lab.ts'
import { type HostileBed, upHostileBed } from '../beds/fault/hostile-bed.ts'
import { openFlags, startHostileGuest, stranger } from '../beds/fault/hostile-guest.ts'
import { watchOpens } from '../beds/fault/watch-opens.ts'
import { isRoot } from '../beds/is-root.ts'
import { runOk } from '../beds/lab/run.ts'

const MIB = 2 ** 20
const TRIES = 60
/** Each tells of 120 KiB of paths, which JSON spells with six times as much: together more than a frame holds. */
const crowd = 15

describe.skipIf(!isRoot)('descriptors of a hostile guest', { timeout: 120_000 }, () => {
  let bed: HostileBed
  let lab: FaultLab
  let session: HostSession
  let own: string
  let secret: string

  beforeAll(async () => {
    bed = await upHostileBed()
    ;({ lab, session } = bed)
    own = lab.writeFile('own.raw', 2).path
    chownSync(own, stranger, stranger)
    secret = lab.writeFile('secret.raw', 2).path
    chmodSync(secret, 0o600)
  })
  afterEach(() => bed?.endGuests())
  afterAll(() => lab?.down())

  const start = (name: string, ...args: string[]) => bed.start(name, ...args)
  const assess = () => bed.assess()
  const takeSample = () => bed.takeSample()

  it('finds the disks around the private RAM of a confidential guest, and says what that is', async (ctx) => {
    const guest = await start('confidential')
    const disks = ['first.gmem.raw', 'last.gmem.raw'].map((name) => lab.writeFile(name, 2).path)
    await guest.open(disks[0] ?? '')
    try {
      await guest.tell(`gmem ${64 * MIB}`)
    } catch (error) {
      ctx.skip(`no guest_memfd here (Linux >= 6.8 with KVM): ${error}`)
    }
    await guest.open(disks[1] ?? '')
    const found = await assess()
    expect(found.images.map(({ path }) => path)).toEqual(disks)
    expect(found.unreadable.map(({ path, problem }) => [path, problem.code, problem.message])).toEqual([
      [
        'anon_inode:[kvm-gmem]',
        'not-applicable',
        expect.stringContaining('private to a guest (guest_memfd)'),
      ],
    ])
  })

  it('are opened with the rights of its user, which the helper then takes back', async () => {
    const theirs = lab.writeFile('theirs.raw', 1).path
    chownSync(theirs, stranger, stranger)
    chmodSync(theirs, 0o640)
    const user = (uid: number, gid: number, readsAll: boolean, groups: number[] = []) => ({
      uid,
      gid,
      groups,
      readsAll,
    })
    const users = [
      { is: user(stranger, 1, false), opened: 'opened' },
      { is: user(stranger + 1, 1, false), opened: 'EACCES' },
      { is: user(stranger + 1, stranger, false), opened: 'opened' },
      { is: user(stranger + 1, 1, false, [7, stranger]), opened: 'opened' },
      // Root of a container that may not pass over permissions.
      { is: user(0, 0, false), opened: 'EACCES' },
      { is: user(0, 0, true), opened: 'opened' },
    ]
    const root = join(import.meta.dirname, '../..')
    const script = join(root, 'test/beds/fault/open-as-user.ts')
    const answer = await runOk(join(root, 'node_modules/@oven/bun-linux-x64/bin/bun'), [
      ...[script, theirs],
      JSON.stringify(users.map(({ is }) => is)),
    ])
    expect(JSON.parse(answer)).toEqual({ opened: users.map(({ opened }) => opened), isBack: true })
  })

  it('names a file without the right to read it, and is given nothing of it', async () => {
    const guest = await start('namer')
    await guest.open(secret, openFlags.pathOnly)
    await guest.tell(`become ${stranger}`)
    const opens = await watchOpens(secret)
    const found = await assess()
    const taken = await takeSample()
    expect(found.guests.map(({ name, user }) => ({ name, user }))).toEqual([
      { name: 'namer', user: `uid ${stranger}` },
    ])
    expect([...found.images, ...taken.images]).toEqual([])
    expect(await opens.openingsBy(session.pid)).toBe(0)
  })

  it('is refused a file that it was handed and that its user may not read', async () => {
    const guest = await start('handed')
    await guest.open(secret)
    await guest.tell(`become ${stranger}`)
    const opens = await watchOpens(secret)
    const found = await assess()
    expect(found.images).toEqual([])
    expect(found.unreadable).toEqual([
      { path: secret, problem: expect.objectContaining({ code: 'not-permitted' }) },
    ])
    expect(found.unreadable[0]?.problem.message).toContain(`user ${stranger}`)
    expect(found.unreadable[0]?.problem.remedy).not.toContain('sudo')
    expect(await opens.openingsBy(session.pid)).toBe(0)
  })

  // Kernels escape only line feeds in a process's name, and parsers may take more for the end of a line.
  it.each(['\rUid:0 0 0 0', '\u2028Uid:0 0 0 0', '\rGid:0 0 0 0', '\rCapEff:6'])(
    'is refused it as well when it calls itself %j',
    async (comm) => {
      const guest = await start('renamed')
      await guest.open(secret)
      await guest.tell(`become ${stranger}`)
      await guest.tell(`rename ${comm}`)
      const opens = await watchOpens(secret)
      const found = await assess()
      expect(found.guests.map(({ user }) => user)).toEqual([`uid ${stranger}`])
      expect(found.images).toEqual([])
      expect(await opens.openingsBy(session.pid)).toBe(0)
    },
  )

  it.each(['secret', 'fifo'] as const)('swaps its disk for a %s between look and open', async (what) => {
    const fifo = join(lab.folder, 'swap.fifo')
    if (what === 'fifo') execFileSync('mkfifo', ['-m', '666', fifo])
    const other = what === 'fifo' ? fifo : secret
    const guest = await start(`swaps-${what}`)
    const disk = await guest.open(own)
    const flags = what === 'fifo' ? openFlags.readWrite : openFlags.pathOnly
    const bait = await guest.open(other, flags)
    await guest.tell(`become ${stranger}`)
    const opens = await watchOpens(other)
    await guest.tell(`flip ${disk} ${bait} 100`)
    let seen = 0
    for (let turn = 0; turn < TRIES; turn += 1) {
      const found = turn % 4 === 0 ? await assess() : await takeSample()
      // Of the disk itself, through its own descriptor.
      expect(found.images.map(({ path }) => path)).toEqual([own])
      seen += found.unreadable.length
    }
    console.log(`swapped for a ${what}: ${TRIES} looks, ${seen} descriptors said to be unreadable`)
    expect(await opens.openingsBy(session.pid)).toBe(0)
  })

  it('holds a lease on its disk, and nobody waits for it', async () => {
    const guest = await start('lessee')
    const disk = await guest.open(own, openFlags.readWrite)
    await guest.tell(`lease ${disk}`)
    const found = await assess()
    expect(found.unreadable.map(({ path, problem }) => [path, problem.code])).toEqual([[own, 'busy']])
  })

  it('shows 15,000 descriptors, and other guests lose nothing', async () => {
    const guest = await start('crowd')
    expect(await guest.tell(`fill 15000 ${own}`)).toBe(15_000)
    const other = lab.writeFile('other.raw', 2).path
    const quiet = await start('quiet')
    await quiet.open(other)
    const found = await takeSample()
    expect(found.images.map(({ path }) => path).sort()).toEqual([other, own].sort())
    expect(found.unreadable.map(({ problem }) => problem.message)).toEqual([
      expect.stringMatching(
        /cannot look at all descriptors of guest \d+: it has 150\d\d, and the first 4096/,
      ),
    ])
  })

  it('has sparse files of terabytes and exabytes', async () => {
    const guest = await start('sparse')
    const terabytes = join(lab.folder, 'terabytes.raw')
    writeFileSync(terabytes, Buffer.alloc(MIB, 7))
    truncateSync(terabytes, 15 * 2 ** 40)
    await guest.open(terabytes)
    const memory = join(lab.folder, 'memory')
    mkdirSync(memory)
    await lab.host.exec(
      `mount -t tmpfs none '${memory}' && truncate -s 9223372036854771712 '${memory}/exabytes.raw'`,
    )
    await guest.open(`${memory}/exabytes.raw`)
    const found = await assess()
    expect(found.images.map(({ path, residentBytes }) => [path, residentBytes])).toEqual([
      [terabytes, MIB],
      [`${memory}/exabytes.raw`, 0],
    ])
    expect(found.unreadable.map(({ path, problem }) => [path, problem.message])).toEqual([
      [
        `${memory}/exabytes.raw`,
        expect.stringMatching(/only the first 256 GiB of its 8192 PiB are looked at/),
      ],
    ])
    const taken = await takeSample()
    expect(taken.images.map(({ path, residentBytes }) => [path, residentBytes])).toEqual([[terabytes, MIB]])
  })

  it('has paths of thousands of control characters: the answer keeps to a frame, and honest images are in it', async () => {
    const folder = join(lab.folder, ...Array.from({ length: 15 }, () => '\u0001'.repeat(250)))
    mkdirSync(folder, { recursive: true })
    const honest = lab.writeFile('honest.raw', 2).path
    const keeper = await start('keeper')
    await keeper.open(honest)
    for (let number = 0; number < crowd; number += 1) {
      const guest = await start(`loud-${number}`)
      for (let disk = 0; disk < 30; disk += 1) {
        const path = join(folder, `${number}-${disk}`)
        writeFileSync(path, Buffer.alloc(512))
        await guest.open(path)
      }
    }
    for (const { images, guests, unreadable } of [await takeSample(), await assess()]) {
      expect(images.map(({ path }) => path)).toContain(honest)
      expect(guests.length).toBe(crowd + 1)
      expect(unreadable.map(({ problem }) => problem.message)).toContainEqual(
        expect.stringMatching(/^left out \d+ images: more than can be told$/),
      )
    }
    rmSync(join(lab.folder, '\u0001'.repeat(250)), { recursive: true })
  })

  it('has a command line of megabytes', async () => {
    // The kernel takes at most 128 KiB for one argument.
    const args = Array.from({ length: 12 }, (_, index) => `${index}`.repeat(60_000))
    await start('talkative', ...args)
    const found = await takeSample()
    expect(found.guests.map(({ name }) => name)).toEqual(['talkative'])
    expect(found.unreadable.map(({ problem }) => problem.message)).toEqual([
      expect.stringMatching(/cannot read all of the command line of guest \d+: only its first 256 KiB/),
    ])
  })

  it('leaves out a process whose program a user could have written, and says so', async () => {
    const folder = join(lab.folder, 'programs')
    mkdirSync(folder)
    const names = ['.qemu-system-x86_64-wrapped', 'qemu-system-mine', 'cloud-hypervisor', '.qemu-kvm-real']
    for (const name of names) {
      const path = join(folder, name)
      copyFileSync(bed.program, path)
      if (name === 'qemu-system-mine') chownSync(path, stranger, stranger)
      const guest = await startHostileGuest(lab.host.initPid, path, ['-name', name])
      bed.adopt(guest)
    }
    const found = await assess()
    expect(found.guests.map(({ name, user }) => [name, user])).toEqual([
      ['.qemu-system-x86_64-wrapped', 'root'],
      ['.qemu-kvm-real', 'root'],
    ])
    expect(found.unreadable.map(({ problem }) => problem.message)).toEqual([
      expect.stringMatching(
        /^process \d+ of root looks like a guest, left out, because its program belongs to uid 4242, not to root/,
      ),
      expect.stringMatching(/looks like a guest, left out, because cloud-hypervisor is another hypervisor/),
    ])
    const allowed = join(lab.folder, 'guest-programs')
    writeFileSync(allowed, `# of the test\n${join(folder, 'qemu-system-mine')}\n`)
    const more = await lab.host.exec(
      `SINGLETON_GUEST_PROGRAMS='${allowed}' exec '${lab.program}' assess --json`,
    )
    expect(assessment.parse(JSON.parse(more.stdout)).guests.map(({ name }) => name)).toContain(
      'qemu-system-mine',
    )
  })
})

// Monitors that an unprivileged user's process claims to have: none makes the helper, which is root, open what that user
// could not, none holds it up, and none that is mute keeps an honest one from being read.
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sample } from '../../src/shared/contract/history.ts'
import { type FaultLab, type HostSession, upFaultLab } from '../beds/fault/fault-lab.ts'
import {
  attackerUid,
  type MonitorOptions,
  type MonitorProcess,
  makeMonitorProgram,
} from '../beds/hostile/monitor-processes.ts'
import { listenAsRoot, mountHanging, watchFolder } from '../beds/hostile/traps.ts'
import { isRoot } from '../beds/is-root.ts'
import { runOk } from '../beds/lab/run.ts'

describe.skipIf(!isRoot)('monitors of hostile processes', () => {
  let lab: FaultLab
  let startProcess: ReturnType<typeof makeMonitorProgram>
  let session: HostSession
  const running: MonitorProcess[] = []
  let folders = 0
  const base = '/run/hostile'
  /** A path of the host, as the test reaches it. */
  const place = (path: string) => join('/proc', `${lab.host.initPid}`, 'root', path)

  beforeAll(async () => {
    lab = await upFaultLab({ leavesKsm: true })
    // On a file system of the host that every user of it can reach.
    await lab.host.exec(`mkdir -m 755 ${base}`)
    startProcess = makeMonitorProgram(lab.host.initPid, base)
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map((process) => process.end()))
    await session?.end()
  })
  afterAll(() => lab?.down())

  const start = async (options: MonitorOptions) => {
    const process = await startProcess(options)
    running.push(process)
    return process
  }
  /** A path in the host of a folder of the attacker's own. */
  const ownFolder = (...below: string[]) => {
    folders += 1
    const folder = join(base, `own-${folders}`)
    for (const path of [folder, ...below.map((name) => join(folder, name))]) {
      mkdirSync(place(path))
      chownSync(place(path), attackerUid, attackerUid)
    }
    return join(folder, ...below)
  }
  /** A path in the host of a folder that only root may enter. */
  const rootFolder = () => {
    folders += 1
    const folder = join(base, `secret-${folders}`)
    mkdirSync(place(folder), { mode: 0o700 })
    return folder
  }
  const takeSample = async () => {
    await session?.end()
    session = await lab.openSession('--read-only')
    const { result, error } = await session.call('sample')
    expect(error).toBeUndefined()
    return sample.parse(result)
  }
  /** Once a guest's monitor was read: each look has a second for it, and a busy machine may be late with the answer. */
  const takeSampleWith = async (name: string) => {
    let taken = await takeSample()
    const isRead = () => taken.guests.find((guest) => guest.name === name)?.blockReadBytes !== undefined
    const until = performance.now() + 60_000
    while (!isRead() && performance.now() < until) taken = await takeSample()
    return taken
  }
  /** Why the monitor of a guest was not read. */
  const reasonOf = (taken: ReturnType<typeof sample.parse>, name: string) =>
    taken.unreadable.find(({ path }) => path === `monitor of guest ${name}`)?.problem

  it('reads an honest one, also of an unprivileged user', async () => {
    const path = join(ownFolder(), 'qmp')
    const process = await start({ name: 'honest', mode: 'honest', path })
    const taken = await takeSampleWith('honest')
    expect(reasonOf(taken, 'honest')).toBeUndefined()
    expect(taken.guests).toMatchObject([{ name: 'honest', blockReadBytes: 4096 }])
    expect(process.heard()).toContain('query-blockstats')
  })

  it('does not open a FIFO that took the place of the folder', async () => {
    const folder = ownFolder('sub')
    await start({ name: 'fifo', mode: 'mute', path: join(folder, 'qmp') })
    renameSync(place(folder), place(`${folder}.away`))
    await runOk('mkfifo', ['-m', '666', place(folder)])
    const opened = await watchFolder(place(folder))
    const taken = await takeSample()
    expect(reasonOf(taken, 'fifo')).toMatchObject({ code: 'not-found', message: /is not a folder/ })
    expect(await opened()).toEqual([])
  })

  it("does not follow a link to what is root's", async () => {
    const secret = rootFolder()
    const folder = ownFolder('sub')
    const process = await start({ name: 'linked', mode: 'mute', path: join(folder, 'qmp') })
    renameSync(place(folder), place(`${folder}.away`))
    symlinkSync(secret, place(folder))
    const { server, connections } = await listenAsRoot(place(join(secret, 'qmp')))
    const opened = await watchFolder(place(secret))
    const taken = await takeSample()
    server.close()
    expect(reasonOf(taken, 'linked')).toMatchObject({
      code: 'not-permitted',
      message: /a link is in its path/,
    })
    expect(connections()).toBe(0)
    expect(await opened()).toEqual([])
    expect(process.heard()).toEqual([])
  })

  it("does not follow a link in place of the socket, nor `..`, to a socket of root's", async () => {
    const secret = rootFolder()
    const { server, connections } = await listenAsRoot(place(join(secret, 'qmp')))
    const folder = ownFolder('sub')
    const last = join(folder, 'last')
    await start({ name: 'last', mode: 'mute', path: last })
    rmSync(place(last))
    symlinkSync(join(secret, 'qmp'), place(last))
    // Once it listens, the folder whose parent it names is another.
    await start({ name: 'dotted', mode: 'mute', path: `${folder}/../qmp` })
    renameSync(place(folder), place(`${folder}.away`))
    mkdirSync(place(join(secret, 'sub')))
    symlinkSync(join(secret, 'sub'), place(folder))
    const taken = await takeSample()
    server.close()
    expect(reasonOf(taken, 'last')).toMatchObject({ code: 'not-permitted', message: /a link is in its path/ })
    expect(reasonOf(taken, 'dotted')).toMatchObject({ code: 'not-permitted', message: /leads upwards/ })
    expect(connections()).toBe(0)
  })

  it('takes no socket that another process listens on, nor one that the guest may not write to', async () => {
    const own = ownFolder()
    const path = join(own, 'qmp')
    await start({ name: 'first', mode: 'mute', path })
    rmSync(place(path))
    const other = await start({ name: 'second', mode: 'honest', path })
    const denied = join(own, 'denied')
    await start({ name: 'denied', mode: 'honest', path: denied })
    chownSync(place(denied), 0, 0)
    chmodSync(place(denied), 0o600)
    const taken = await takeSample()
    expect(reasonOf(taken, 'first')).toMatchObject({
      code: 'not-permitted',
      message: /listens on it, not the guest/,
    })
    expect(reasonOf(taken, 'denied')).toMatchObject({
      code: 'not-permitted',
      message: expect.stringContaining(`permission denied to user ${attackerUid}`),
    })
    expect(taken.guests.find(({ name }) => name === 'second')?.blockReadBytes).toBe(4096)
    // The connection made for the first one was closed without a word.
    expect(other.heard().filter((line) => line === 'query-blockstats')).toHaveLength(1)
  })

  it('believes libvirt, not a command line, about which process is a domain', async () => {
    const options = [
      '-uuid',
      '6a1f0a52-8f5b-4c6d-9d0e-2f1f6f1a7a10',
      '-chardev',
      'socket,id=charmonitor,fd=3,server=on',
    ]
    await start({ name: 'claims', mode: 'absent', path: '', options })
    expect(reasonOf(await takeSample(), 'claims')).toMatchObject({
      code: 'unreachable',
      message: /libvirt does not run on this host/,
    })
    await session.end()
    // The domain of this name is another process.
    mkdirSync(place('/run/libvirt/qemu'), { recursive: true, mode: 0o755 })
    writeFileSync(place('/run/libvirt/qemu/claims.pid'), '1\n')
    expect(reasonOf(await takeSample(), 'claims')).toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(
        /libvirt of this host \(qemu:\/\/\/system\) does not run process \d+ as a domain/,
      ),
    })
    rmSync(place('/run/libvirt'), { recursive: true })
  })

  it('says that a guest in a container has a libvirt of its own there, and how to reach it', async () => {
    const options = [
      '-uuid',
      '6a1f0a52-8f5b-4c6d-9d0e-2f1f6f1a7a10',
      '-chardev',
      'socket,id=charmonitor,fd=3,server=on',
    ]
    await start({ name: 'contained', mode: 'absent', path: '', options, isContained: true })
    const reason = reasonOf(await takeSample(), 'contained')
    expect(reason).toMatchObject({
      code: 'not-supported',
      message: expect.stringMatching(
        /a libvirt of its own runs it in a container \(namespaces pid:\[\d+\], mnt:\[\d+\]/,
      ),
      remedy: expect.stringMatching(/nsenter --target \d+ --mount --pid --net virsh list/),
    })
    expect(JSON.stringify(reason)).not.toContain('systemctl')
  })

  it('reaches the socket of a guest in a container, in its namespaces', async () => {
    const path = join(ownFolder(), 'qmp')
    await start({ name: 'inside', mode: 'honest', path, isContained: true })
    const taken = await takeSampleWith('inside')
    expect(reasonOf(taken, 'inside')).toBeUndefined()
    expect(taken.guests).toMatchObject([{ name: 'inside', blockReadBytes: 4096 }])
  })

  it('reads the honest one beside nine mute ones, and says which were cut', async () => {
    const own = ownFolder()
    const mute = Array.from({ length: 9 }, (_, index) => `mute-${index}`)
    for (const name of mute) await start({ name, mode: 'mute', path: join(own, name) })
    await start({ name: 'zz-honest', mode: 'honest', path: join(own, 'honest') })
    // The first look at them: one that never answers keeps the connection, and is busy for the next.
    const first = await takeSample()
    for (const name of mute) {
      expect(reasonOf(first, name)).toMatchObject({ code: 'timed-out', message: /no QMP greeting/ })
    }
    const taken = await takeSampleWith('zz-honest')
    expect(taken.guests.find(({ name }) => name === 'zz-honest')?.blockReadBytes).toBe(4096)
  })

  it('is not held up by a mount that hangs', async () => {
    const own = ownFolder()
    const hanging = ownFolder('hanging')
    await start({ name: 'hangs', mode: 'mute', path: join(hanging, 'qmp') })
    await start({ name: 'well', mode: 'honest', path: join(own, 'well') })
    const mounted = await mountHanging(lab.host.initPid, hanging)
    try {
      const taken = await takeSampleWith('well')
      expect(taken.guests.find(({ name }) => name === 'well')?.blockReadBytes).toBe(4096)
      expect(reasonOf(taken, 'hangs')).toMatchObject({ code: 'timed-out', message: /looking up its path/ })
    } finally {
      await mounted.end()
    }
  })
})

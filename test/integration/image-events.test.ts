// What happens to a guest's disks while it runs: snapshots, hot-plug, removal, growth; each shows in the next sample.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sample } from '../../src/shared/contract/history.ts'
import { isRoot } from '../beds/engine/engine-lab.ts'
import { type FaultLab, type HostSession, upFaultLab } from '../beds/fault/fault-lab.ts'
import { QmpClient } from '../beds/lab/qmp-client.ts'
import { runOk } from '../beds/lab/run.ts'
import type { StillGuest } from '../beds/lab/still-guest.ts'

const MIB = 2 ** 20

describe.skipIf(!isRoot)('disks of a guest that runs', { timeout: 120_000 }, () => {
  let lab: FaultLab
  let session: HostSession
  let guest: StillGuest
  let monitor: QmpClient
  let base: string
  let before: { descriptors: number; mappings: number }

  beforeAll(async () => {
    lab = await upFaultLab({ leavesKsm: true })
    base = join(lab.folder, 'base.qcow2')
    await runOk('qemu-img', ['create', '-q', '-f', 'qcow2', base, '64M'])
    const socket = join(lab.folder, 'events.qmp')
    guest = await lab.startGuest({
      name: 'events',
      ramMiB: 96,
      drives: [`file=${base},format=qcow2,node-name=disk`],
      options: ['-qmp', `unix:${socket},server=on,wait=off`, '-device', 'virtio-scsi-pci,id=bus'],
    })
    monitor = await QmpClient.connect(socket)
    session = await lab.openSession('--read-only')
    await take()
    await session.call('assess')
    before = held(session.pid)
  })
  afterAll(() => lab?.down())

  const take = async () => sample.parse((await session.call('sample')).result)
  const paths = async () => {
    const { images, unreadable } = await take()
    expect(unreadable.filter(({ problem }) => problem.code !== 'not-supported')).toEqual([])
    return images.map(({ path }) => path).sort()
  }
  const file = (name: string) => join(lab.folder, name)

  it('has the disk that it was started with', async () => {
    expect(await paths()).toEqual([base])
  })

  it('shows the new overlay and its base right after a live snapshot', async () => {
    for (const name of ['snapshot-1.qcow2', 'snapshot-2.qcow2', 'snapshot-3.qcow2']) {
      const node = name.replace('.qcow2', '')
      await monitor.run('blockdev-snapshot-sync', {
        ...(name === 'snapshot-1.qcow2' ? { 'node-name': 'disk' } : { 'node-name': previous(node) }),
        'snapshot-file': file(name),
        'snapshot-node-name': node,
        format: 'qcow2',
      })
      const names = ['base.qcow2', 'snapshot-1.qcow2', 'snapshot-2.qcow2', 'snapshot-3.qcow2']
      expect(await paths()).toEqual(names.slice(0, names.indexOf(name) + 1).map(file))
    }
  })

  it('shows a disk from when it is plugged until it is removed', async () => {
    const { path } = lab.writeFile('plugged.raw', 4)
    for (let turn = 0; turn < 3; turn += 1) {
      const without = await paths()
      await monitor.run('blockdev-add', {
        driver: 'raw',
        'node-name': 'plugged',
        file: { driver: 'file', filename: path },
      })
      await monitor.run('device_add', { driver: 'scsi-hd', bus: 'bus.0', drive: 'plugged', id: 'hd' })
      expect(await paths()).toEqual([...without, path].sort())
      await monitor.run('device_del', { id: 'hd' })
      // The guest's bus gives the device back a moment later.
      await expect.poll(() => monitor.tryRun('blockdev-del', { 'node-name': 'plugged' })).toBe(true)
      expect(await paths()).toEqual(without)
    }
  })

  it('counts a disk that has grown up to its new end', async () => {
    const { path } = lab.writeFile('grown.raw', 4)
    await monitor.run('blockdev-add', {
      driver: 'raw',
      'node-name': 'grown',
      file: { driver: 'file', filename: path },
    })
    await monitor.run('block_resize', { 'node-name': 'grown', size: 12 * MIB })
    await runOk('dd', ['if=/dev/urandom', `of=${path}`, 'bs=1M', 'count=12', 'conv=notrunc', 'status=none'])
    const grown = (await take()).images.find((image) => image.path === path)
    expect(grown?.residentBytes).toBe(12 * MIB)
    await monitor.run('blockdev-del', { 'node-name': 'grown' })
  })

  it('keeps its disks while it is paused', async () => {
    const running = await paths()
    process.kill(guest.pid, 'SIGSTOP')
    try {
      expect(await paths()).toEqual(running)
    } finally {
      process.kill(guest.pid, 'SIGCONT')
    }
  })

  it('leaves no descriptor and no mapping in the helper', async () => {
    await session.call('assess')
    await session.call('page-cache/plan')
    await take()
    expect(held(session.pid)).toEqual(before)
    await guest.kill()
    expect(await paths()).toEqual([])
    expect(held(session.pid)).toEqual(before)
  })
})

const previous = (node: string) => node.replace(/\d+$/, (number) => String(Number(number) - 1))

/** What a helper holds of images: descriptors of files, and mappings of them. */
function held(pid: number) {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8')
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    mappings: maps.split('\n').filter((line) => /\.(qcow2|raw)/.test(line)).length,
  }
}

// What happens to a guest's disks and memory while it runs: snapshots, commit, hot-plug, removal, growth. Each happens in
// the middle of a scrub and while `govern` runs, and shows in the next sample and the next round.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assessment } from '../../src/shared/contract/assessment.ts'
import { sample } from '../../src/shared/contract/history.ts'
import { scrubResult } from '../../src/shared/contract/page-cache.ts'
import { type BackgroundGovern, startBackgroundGovern } from '../beds/engine/background-govern.ts'
import { type Held, readHeld } from '../beds/engine/held.ts'
import { type FaultLab, type HostSession, upFaultLab, waitForStep } from '../beds/fault/fault-lab.ts'
import { isRoot } from '../beds/is-root.ts'
import { QmpClient } from '../beds/lab/qmp-client.ts'
import { runOk } from '../beds/lab/run.ts'
import type { StillGuest } from '../beds/lab/still-guest.ts'

const MIB = 2 ** 20
// Read in more than one turn of a scan (40 ms), also on a fast machine, so that something can happen in its middle.
const RAM_MIB = 1536

describe.skipIf(!isRoot)('disks and memory of a guest that runs', { timeout: 300_000 }, () => {
  let lab: FaultLab
  let session: HostSession
  let govern: BackgroundGovern
  let guest: StillGuest
  let grown = ''
  let monitor: QmpClient
  let base: string
  let before: { readonly session: Held; readonly govern: Held }

  beforeAll(async () => {
    lab = await upFaultLab({ leavesKsm: true })
    base = join(lab.folder, 'base.qcow2')
    await runOk('qemu-img', ['create', '-q', '-f', 'qcow2', base, '64M'])
    const socket = join(lab.folder, 'events.qmp')
    guest = await lab.startGuest({
      name: 'events',
      ramMiB: RAM_MIB,
      drives: [`file=${base},format=qcow2,node-name=disk`],
      options: [
        ...['-qmp', `unix:${socket},server=on,wait=off`, '-device', 'virtio-scsi-pci,id=bus'],
        ...['-m', 'slots=2,maxmem=2G'],
      ],
    })
    // Now, so that it has no inode that a disk which was removed had.
    grown = lab.writeFile('grown.raw', 4).path
    monitor = await QmpClient.connect(socket)
    session = await lab.openSession()
    govern = await startBackgroundGovern(lab, {
      scrub: { mode: 'periodic', everySeconds: 1 },
      ksm: { mode: 'observe' },
    })
    await scrubDuring(async () => undefined)
    await session.call('assess')
    await govern.nextRound()
    before = { session: readHeld(session.pid), govern: await govern.leastHeld() }
  }, 120_000)
  afterAll(() => lab?.down())

  const take = async () => sample.parse((await session.call('sample')).result)
  /**
   * Of the guests' images, by a sample; a round of `govern` that has begun since finds as much of them cached. It lists
   * images every 5 s, and its rounds are a second apart.
   */
  const paths = async () => {
    for (let attempt = 1; ; attempt += 1) {
      const { images, unreadable } = await take()
      expect(unreadable.filter(({ problem }) => problem.code !== 'not-supported')).toEqual([])
      const { imageCacheBytes } = await govern.nextRound()
      const cached = (await take()).images.reduce((sum, { residentBytes = 0 }) => sum + residentBytes, 0)
      // It may have evicted pages of zeros in between, which RAM holds too, and the kernel takes some by itself.
      if (imageCacheBytes === cached) return images.map(({ path }) => path).sort()
      if (attempt === 20) expect(imageCacheBytes).toBe(cached)
    }
  }
  const file = (name: string) => join(lab.folder, name)

  let scrubs = 0
  /** Lets something happen in the middle of a scrub; the scrub goes on and ends well. */
  async function scrubDuring<T>(event: () => Promise<T>): Promise<T> {
    scrubs += 1
    const progressToken = `scrub ${scrubs}`
    const id = session.request('page-cache/scrub', { progressToken })
    await waitForStep(session, progressToken, /^reading guest/)
    const result = await session.whileHeld(event)
    const answer = await session.waitFor((one) => one.id === id)
    expect(answer.error).toBeUndefined()
    const { totals, unreadable } = scrubResult.parse(answer.result)
    // Its RAM holds nothing of its images but zeros.
    expect(totals.evictedBytes).toBeLessThanOrEqual(MIB / 16)
    // What was removed in its middle is gone; nothing else is missing.
    expect(unreadable.filter(({ problem }) => !['not-supported', 'gone'].includes(problem.code))).toEqual([])
    return result
  }

  it('has the disk that it was started with', async () => {
    expect(await paths()).toEqual([base])
  })

  const overlays = ['snapshot-1.qcow2', 'snapshot-2.qcow2', 'snapshot-3.qcow2']

  it('shows the new overlay and its base right after a live snapshot', async () => {
    for (const [index, name] of overlays.entries()) {
      const node = name.replace('.qcow2', '')
      await scrubDuring(() =>
        monitor.run('blockdev-snapshot-sync', {
          'node-name': index === 0 ? 'disk' : `snapshot-${index}`,
          'snapshot-file': file(name),
          'snapshot-node-name': node,
          format: 'qcow2',
        }),
      )
      expect(await paths()).toEqual(['base.qcow2', ...overlays.slice(0, index + 1)].map(file))
    }
  })

  it('no longer shows overlays that were committed into their base', async () => {
    // One in the middle of the chain, then the one that the guest writes to.
    await scrubDuring(() => commit(monitor, { 'top-node': 'snapshot-2', 'base-node': 'snapshot-1' }))
    expect(await paths()).toEqual(['base.qcow2', 'snapshot-1.qcow2', 'snapshot-3.qcow2'].map(file))
    await scrubDuring(() => commit(monitor, { 'base-node': 'snapshot-1' }))
    expect(await paths()).toEqual(['base.qcow2', 'snapshot-1.qcow2'].map(file))
  })

  it('shows a disk from when it is plugged until it is removed', async () => {
    const { path } = lab.writeFile('plugged.raw', 4)
    const without = await paths()
    for (let turn = 0; turn < 2; turn += 1) {
      await scrubDuring(async () => {
        await monitor.run('blockdev-add', {
          driver: 'raw',
          'node-name': 'plugged',
          file: { driver: 'file', filename: path },
        })
        await monitor.run('device_add', { driver: 'scsi-hd', bus: 'bus.0', drive: 'plugged', id: 'hd' })
      })
      expect(await paths()).toEqual([...without, path].sort())
      await scrubDuring(async () => {
        await monitor.run('device_del', { id: 'hd' })
        // The guest's bus gives the device back a moment later.
        const remove = () => monitor.tryRun('blockdev-del', { 'node-name': 'plugged' })
        await expect.poll(remove, { timeout: 60_000 }).toBe(true)
      })
      expect(await paths()).toEqual(without)
    }
  })

  it('counts a disk that got the descriptor of another, up to its new end', async () => {
    const path = grown
    const add = (name: string, filename: string) =>
      monitor.run('blockdev-add', { driver: 'raw', 'node-name': name, file: { driver: 'file', filename } })
    await add('first', lab.writeFile('first.raw', 4).path)
    await paths()
    // Between two looks, so that the number of the descriptor tells nothing.
    await govern.whileHeld(async () => {
      await monitor.run('blockdev-del', { 'node-name': 'first' })
      await add('grown', path)
    })
    await scrubDuring(async () => {
      await monitor.run('block_resize', { 'node-name': 'grown', size: 12 * MIB })
      // QEMU writes it: an image that others write to is left alone.
      await monitor.run('human-monitor-command', { 'command-line': 'qemu-io grown "write -P 7 0 12M"' })
    })
    const found = (await take()).images.find((image) => image.path === path)
    expect(found?.residentBytes).toBe(12 * MIB)
    await paths()
    await monitor.run('blockdev-del', { 'node-name': 'grown' })
  })

  it('counts memory that is plugged', async () => {
    const memory = async () => {
      const [found] = assessment.parse((await session.call('assess')).result).guests
      return [found?.ramBytes, found?.residentBytes]
    }
    expect(await memory()).toEqual([RAM_MIB * MIB, RAM_MIB * MIB])
    await scrubDuring(async () => {
      const size = 128 * MIB
      await monitor.run('object-add', { 'qom-type': 'memory-backend-ram', id: 'more', size, prealloc: true })
      await monitor.run('device_add', { driver: 'pc-dimm', id: 'dimm', memdev: 'more' })
    })
    const sizeBytes = (RAM_MIB + 128) * MIB
    expect(await memory()).toEqual([sizeBytes, sizeBytes])
  })

  it('keeps its disks while it is paused', async () => {
    const running = await paths()
    await scrubDuring(async () => process.kill(guest.pid, 'SIGSTOP'))
    try {
      expect(await paths()).toEqual(running)
    } finally {
      process.kill(guest.pid, 'SIGCONT')
    }
  })

  it('shows the disk of a guest that has started meanwhile, until it ends', async () => {
    const without = await paths()
    const { path } = lab.writeFile('late.raw', 4)
    const late = await scrubDuring(() =>
      lab.startGuest({ name: 'late', ramMiB: 96, drives: [`file=${path},format=raw`] }),
    )
    const sampled = async () => (await take()).images.map((image) => image.path)
    // All processes are gone through in each fifth sample.
    await expect.poll(sampled, { timeout: 60_000 }).toContain(path)
    expect(await paths()).toEqual([...without, path].sort())
    await late.kill()
    expect(await paths()).toEqual(without)
  })

  it('leaves no descriptor and no mapping in the helpers', async () => {
    await session.call('assess')
    await session.call('page-cache/plan')
    await take()
    expect(readHeld(session.pid)).toEqual(before.session)
    expect(await govern.leastHeld()).toEqual(before.govern)
    await guest.kill()
    expect(await paths()).toEqual([])
    expect(readHeld(session.pid)).toEqual(before.session)
    expect(govern.said()).not.toContain('goes on')
    await govern.end()
  })
})

/** Commits a layer, by default the active one, and waits until the job has ended. */
async function commit(monitor: QmpClient, nodes: Record<string, string>): Promise<void> {
  const id = 'commit'
  await monitor.run('block-commit', { 'job-id': id, device: 'disk0', ...nodes })
  const state = async () => {
    const jobs = (await monitor.run('query-block-jobs')) as { device: string; status: string }[]
    return jobs.find(({ device }) => device === id)?.status ?? 'ended'
  }
  await expect.poll(state, { timeout: 60_000 }).toMatch(/ended|ready/)
  if ((await state()) === 'ready') await monitor.run('block-job-complete', { device: id })
  await expect.poll(state, { timeout: 60_000 }).toBe('ended')
}

// A host managed by libvirt and one of plain QEMU, watched and changed over real ssh by the whole workbench.
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { liveKernel } from '../../helper/src/kernel/kernel-root.ts'
import { readDenial } from '../../helper/src/monitors/denial.ts'
import { ensureHelper } from '../../scripts/built-parts.mjs'
import { openHelperLink } from '../../src/main/helper-link/helper-link.ts'
import { findSshEnvironment } from '../../src/main/installation.ts'
import type { Workbench } from '../../src/main/workbench.ts'
import type { HostView, SampledGuest } from '../../src/shared/contract/index.ts'
import { isRoot } from '../beds/is-root.ts'
import { downLab, type Lab, type LabHost, smallContents, upLab, writeSshHome } from '../beds/lab/lab.ts'
import { run } from '../beds/lab/run.ts'
import { hasMergeableRam, readLabel } from '../beds/lab/seen-from-outside.ts'
import { quiet } from '../fakes/quiet.ts'
import { openWorkbench } from '../open-workbench.ts'
import { runDeployed, switchOff } from './switch-off.ts'

const root = join(import.meta.dirname, '../..')
const dir = join(tmpdir(), 'singleton-libvirt-lab')
const home = join(tmpdir(), 'singleton-libvirt-home')
if (!isRoot) it('libvirt over ssh', (context) => context.skip('a lab of guests needs root'))

let lab: Lab
let workbench: Workbench

describe.runIf(isRoot)('over ssh', () => {
  beforeAll(async () => {
    await ensureHelper(root, process.execPath, process.env)
    lab = await upLab({
      dir,
      hosts: [
        { kind: 'libvirt', guests: [{ aio: 'io_uring' }, {}] },
        { kind: 'plain', guests: [{ aio: 'io_uring' }, { spareMonitor: false }] },
      ],
      ...smallContents,
    })
    rmSync(home, { recursive: true, force: true })
    writeSshHome(lab, home)
    workbench = await openWorkbench(home)
    for (const { name } of lab.hosts) await workbench.handlers['hosts/add']({ address: name }, quiet)
    for (const { name } of lab.hosts) await workbench.handlers['hosts/connect']({ hostId: idOf(name) }, quiet)
  })
  afterAll(async () => {
    await workbench?.close()
    await downLab(dir)
    rmSync(home, { recursive: true, force: true })
  })

  describe.each([
    ['lab-a', 'libvirt domain'],
    ['lab-b', '.qmp'],
  ])('%s', (hostName, via) => {
    it('has the names, disks and merge state of its guests', async () => {
      const host = labHost(hostName)
      const guests = await sampledGuests(hostName, (all) => all.length === 2)
      expect(guests.map(({ name }) => name)).toEqual(host.guests.map(({ name }) => name))
      expect(guests.map(({ merging }) => merging)).toEqual(['on', 'on'])
      const { images } = await workbench.handlers.assess({ hostId: idOf(hostName) }, quiet)
      const paths = images.map(({ path }) => path)
      for (const { images: own } of host.guests) expect(paths).toEqual(expect.arrayContaining([...own]))
    })

    it('counts the reads of a guest on io_uring in its monitor, and only there', async () => {
      const [uring, threads] = labHost(hostName).guests
      const before = find(await sampledGuests(hostName, () => true), uring?.name)
      await uring?.command('drop')
      await uring?.command('readall')
      const grown = (guest: SampledGuest) => (guest.blockReadBytes ?? 0) - (before.blockReadBytes ?? 0)
      const after = find(
        await sampledGuests(hostName, (all) => grown(find(all, uring?.name)) > 40 * 2 ** 20),
        uring?.name,
      )
      // The whole disk was read, and rchar knows of none of it.
      expect((after.rcharBytes ?? 0) - (before.rcharBytes ?? 0)).toBeLessThan(grown(after) / 10)
      expect(find(view(hostName).latest?.guests ?? [], threads?.name)).not.toHaveProperty('blockReadBytes')
      // The host has it all in its cache by now, unless somebody drops it meanwhile.
      const readAgain = async () => {
        await uring?.command('drop')
        await uring?.command('readall')
        return view(hostName).hitRatio
      }
      await expect.poll(readAgain, { timeout: 60_000, interval: 2000 }).toBeGreaterThan(0.5)
    })

    it('tells reads and their mean time of guests with a monitor, also in history', async () => {
      const [uring, threads] = labHost(hostName).guests
      // The plain host's second guest has no monitor to spare.
      const [asked, mute] = hostName === 'lab-a' ? [threads, undefined] : [uring, threads]
      const isTold = ({ diskReads }: SampledGuest) => diskReads?.readsPerSecond !== undefined
      const all = await sampledGuests(hostName, (guests) => isTold(find(guests, asked?.name)))
      const before = find(all, asked?.name).diskReads
      if (mute) {
        const { diskReads, monitorProblem } = find(all, mute.name)
        expect(diskReads).toBeUndefined()
        expect(monitorProblem?.message).toContain('it has none to spare')
      }
      const hasRead = ({ diskReads }: SampledGuest) =>
        (diskReads?.readRequests ?? 0) > (before?.readRequests ?? 0) &&
        (diskReads?.readsPerSecond ?? 0) > 0 &&
        diskReads?.readLatencySeconds !== undefined
      // A rate needs two answers in a row, ten seconds apart, and later ones where one was late: it reads on until then.
      let told = find(all, asked?.name)
      const readOn = async () => {
        await asked?.command('drop')
        await asked?.command('readall')
        told = find(await sampledGuests(hostName, () => true), asked?.name)
        return hasRead(told)
      }
      await expect.poll(readOn, { timeout: 120_000, interval: 1000 }).toBe(true)
      const { diskReads, ioPressureRatio, ioPressureNote } = told
      expect(diskReads?.readLatencySeconds).toBeGreaterThan(0)
      // One of the two: a figure, or why there is none.
      expect(ioPressureRatio ?? ioPressureNote).toBeDefined()
      const history = { hostId: idOf(hostName), from: Date.now() - 600_000, to: Date.now() + 1000 }
      const isKept = async () => {
        const series = await workbench.handlers['history/series'](
          { ...history, points: 1000, metrics: ['guestReadLatencySeconds'] },
          quiet,
        )
        const latencies = series.guestReadLatencySeconds[asked?.name ?? ''] ?? []
        return latencies.some((value) => value !== null && value > 0)
      }
      await expect.poll(isKept, { timeout: 60_000, interval: 1000 }).toBe(true)
    })

    it('does not switch merging in observe mode: main refuses, and so does a read-only helper', async () => {
      const params = { guest: labHost(hostName).guests[0]?.name ?? '', merge: false }
      const asked = workbench.handlers['ksm/merge']({ hostId: idOf(hostName), ...params }, quiet)
      await expect(asked).rejects.toMatchObject({ code: 'read-only' })
      const link = await openHelperLink({
        address: hostName,
        readOnly: true,
        ask: () => Promise.reject(new Error('nothing is to be asked')),
        onStep: () => undefined,
        onLog: () => undefined,
        signal: quiet.signal,
        environment: findSshEnvironment({ HOME: home }),
      })
      await expect(link.call('ksm/merge', params)).rejects.toMatchObject({ code: 'read-only' })
      await link.close()
      expect(hasMergeableRam(labHost(hostName), 0)).toBe(true)
    })

    it('switches the merging of one guest off and on, audited, and puts it back', async () => {
      const hostId = idOf(hostName)
      const [guest] = labHost(hostName).guests
      await workbench.handlers['hosts/set-mode']({ hostId, mode: 'change' }, quiet)
      await workbench.handlers['hosts/connect']({ hostId }, quiet)
      const merge = (on: boolean) =>
        workbench.handlers['ksm/merge']({ hostId, guest: guest?.name ?? '', merge: on }, quiet)
      expect(await merge(false)).toMatchObject({
        before: 'on',
        after: 'off',
        via: expect.stringContaining(via),
      })
      expect([0, 1].map((index) => hasMergeableRam(labHost(hostName), index))).toEqual([false, true])
      expect(
        find(await sampledGuests(hostName, (all) => find(all, guest?.name).merging === 'off'), guest?.name),
      ).toBeDefined()
      expect((await workbench.handlers['ksm/status']({ hostId }, quiet)).journaledSince).toBeTypeOf('number')
      expect(await merge(true)).toMatchObject({ before: 'off', after: 'on' })
      expect(hasMergeableRam(labHost(hostName), 0)).toBe(true)
      expect((await workbench.handlers['ksm/status']({ hostId }, quiet)).journaledSince).toBeUndefined()
      await merge(false)
      await workbench.handlers['ksm/restore']({ hostId }, quiet)
      expect(hasMergeableRam(labHost(hostName), 0)).toBe(true)
      const audit = await workbench.handlers['audit/list']({ hostId, limit: 10 }, quiet)
      expect(audit.map(({ action, outcome }) => `${action}: ${outcome}`)).toEqual([
        'ksm merge off: done',
        'ksm merge on: done',
        'ksm merge off: done',
        'ksm restore: done',
      ])
      expect(audit[0]).toMatchObject({
        target: expect.stringContaining(guest?.name ?? ''),
        before: 'merging on',
        after: expect.stringMatching(/^merging off, through /),
        from: '127.0.0.1',
      })
    })
  })

  it('says why it cannot switch: no monitor, a busy one, no such guest', async () => {
    const host = labHost('lab-b')
    const [spare, none] = host.guests
    expect(await switchOff(host, none?.name)).toMatchObject({
      code: 'not-supported',
      message: /none to spare/,
    })
    expect(await switchOff(host, 'nobody')).toMatchObject({ code: 'not-found' })
    const whileThere = `${spare?.qmpSocket}.held`
    await host.exec(`touch '${whileThere}'`)
    const held = host.exec(`exec python3 -c "${holdSocket}" '${spare?.qmpSocket}' '${whileThere}'`)
    await expect
      .poll(async () =>
        (await host.exec(`grep -c ' 03 .*${spare?.qmpSocket}$' /proc/net/unix`)).stdout.trim(),
      )
      .toBe('1')
    expect(await switchOff(host, spare?.name)).toMatchObject({ code: 'busy', message: /another program/ })
    await host.exec(`rm '${whileThere}'`)
    await held
    expect(await switchOff(host, spare?.name)).toBeUndefined()
    expect((await runDeployed(host, 'ksm restore')).code).toBe(0)
  })

  it('says why libvirt does not help: virsh is missing, libvirtd is not reached', async () => {
    const host = labHost('lab-a')
    const guest = host.guests[0]?.name
    const hide = (mount: string) => `unshare --mount sh -c '${mount} && exec "$0" "$@"'`
    expect(await switchOff(host, guest, hide('mount -t tmpfs none /usr/bin'))).toMatchObject({
      code: 'not-supported',
      message: /virsh is not installed/,
    })
    expect(await switchOff(host, guest, hide('mount -t tmpfs none /run/libvirt'))).toMatchObject({
      code: 'unreachable',
      message: /libvirt/,
    })
  })

  it('tells a denial to root, as a security module makes it', async () => {
    // This has the effect of one: root without CAP_DAC_OVERRIDE, and sockets that belong to somebody else.
    const deny =
      'setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search'
    const plain = labHost('lab-b')
    const socket = plain.guests[0]?.qmpSocket
    await plain.exec(`chown nobody '${socket}' && chmod 600 '${socket}'`)
    expect(await switchOff(plain, plain.guests[0]?.name, deny)).toMatchObject({
      code: 'not-permitted',
      message: /permission denied to root/,
    })
    const libvirt = labHost('lab-a')
    await libvirt.exec('chown nobody /run/libvirt/libvirt-sock && chmod 600 /run/libvirt/libvirt-sock')
    expect(await switchOff(libvirt, libvirt.guests[0]?.name, deny)).toMatchObject({
      code: 'not-permitted',
      message: /Permission denied/,
    })
  })

  it('names the labels of SELinux or AppArmor', async (context) => {
    const label = readLabel()
    if (label === undefined) context.skip('this kernel runs neither SELinux nor AppArmor')
    expect((await readDenial(liveKernel, process.pid, 0)).reason).toContain(label)
  })

  it('names the container whose own libvirt runs a guest, to who looks from outside', async () => {
    const [guest] = labHost('lab-a').guests
    const program = join(root, 'resources/helper/singleton-helper-linux-x64')
    const folders = { SINGLETON_STATE_DIR: join(home, 'state'), SINGLETON_RUN_DIR: join(home, 'run') }
    const env = { ...process.env, ...folders }
    const asked = await run(program, ['ksm', 'merge', `${guest?.pid}`, 'off', '--json'], { env })
    const { problem } = JSON.parse(asked.stdout)
    expect(problem.message).toContain('a libvirt of its own runs it in a container')
    expect(problem.remedy).toContain(`nsenter --target ${guest?.pid}`)
    expect(hasMergeableRam(labHost('lab-a'), 0)).toBe(true)
  })
})

// Waits for the greeting, so that QEMU has this client, and stays as long as a file is there: another is to be turned away.
const holdSocket =
  'import os, socket, sys, time; s = socket.socket(1); s.connect(sys.argv[1]); s.recv(1); [time.sleep(0.1) for _ in iter(lambda: os.path.exists(sys.argv[2]), False)]'

function labHost(name: string): LabHost {
  const host = lab.hosts.find((one) => one.name === name)
  if (host === undefined) throw new Error(`cannot find lab host ${name}`)
  return host
}

function idOf(name: string): string {
  const host = workbench.fleet.saved().find(({ address }) => address === name)
  if (host === undefined) throw new Error(`cannot find host ${name}`)
  return host.id
}

function view(name: string): HostView {
  return workbench.fleet.find(idOf(name)).view()
}

/** The guests of the first sample that fits. */
async function sampledGuests(
  name: string,
  fits: (guests: readonly SampledGuest[]) => boolean,
  timeout = 60_000,
) {
  let guests: readonly SampledGuest[] = []
  const hasCome = () => {
    guests = view(name).latest?.guests ?? []
    return guests.length > 0 && fits(guests)
  }
  await expect.poll(hasCome, { timeout }).toBe(true)
  return guests
}

function find(guests: readonly SampledGuest[], name: string | undefined): SampledGuest {
  const guest = guests.find((one) => one.name === name)
  if (guest === undefined) throw new Error(`cannot find guest ${name} in the sample`)
  return guest
}

// Brings up one lab host: namespaces, sshd, and its guests side by side.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { BootFiles } from './boot-files.ts'
import { createCgroups, planCgroups } from './cgroups.ts'
import { findFreePort, makeHostKey, prepareHostFolder } from './host-folder.ts'
import { buildImage, dropCache, imagesFolder } from './images.ts'
import { startSshd } from './lab-host.ts'
import { startLibvirt, startLibvirtGuest } from './libvirt-guest.ts'
import { type Namespace, startNamespace } from './namespace.ts'
import type { GuestPlan, HostPlan, LabPlan, SmallGuestPlan } from './options.ts'
import { type GuestFiles, type HostPlace, startPlainGuest } from './plain-guest.ts'
import { listNamespace } from './processes.ts'
import { waitForGuest } from './serial.ts'
import {
  buildStandInGuest,
  buildStandInImage,
  STAND_IN_READY,
  type StandInPlan,
  startStandIn,
} from './stand-in-guest.ts'
import type { GuestRecord, HostRecord } from './state.ts'
import { buildToolsImage } from './tools-image.ts'

// A unix socket's path holds 107 bytes.
const MAX_SOCKET_PATH = 107
const SSHD_ATTEMPTS = 3

export interface HostStart {
  readonly plan: LabPlan
  readonly boot: BootFiles
  /** Writes what is about to exist into the lab's state. */
  recordNamespace(namespace: Namespace): void
  recordCgroups(cgroups: readonly string[]): void
  progress(text: string): void
}

export async function startHost(host: HostPlan, start: HostStart): Promise<HostRecord> {
  const { plan } = start
  const folder = await prepareHostFolder(plan.dir, host)
  const key = await makeHostKey(folder, host.name)
  const images = imagesFolder(plan)
  const chains: string[][] = []
  for (const guest of host.guests) chains.push(await buildImages(guest, folder, start))
  await dropCache(chains.flat())
  const cgroups = planCgroups(plan.dir, host)
  start.recordCgroups(cgroups)
  createCgroups(cgroups, host, images)
  const { init } = await startNamespace({ ...host, folder }, start.recordNamespace)
  const place: HostPlace = { initPid: init.pid, folder, cgroups }
  const port = await startSshdSomewhere(place)
  start.progress(
    `${host.name}: sshd on 127.0.0.1:${port}; booting ${host.guests.length} guest(s), ${host.kind}`,
  )
  if (host.kind === 'libvirt') await startLibvirt(place)
  const guests: GuestRecord[] = []
  for (const [index, guest] of host.guests.entries()) {
    guests.push(await startGuest(guest, chains[index] ?? [], host, place, start))
  }
  return {
    name: host.name,
    kind: host.kind,
    folder,
    port,
    hostPublicKey: key.publicKey,
    hostKeyFingerprint: key.fingerprint,
    init,
    cgroups,
    guests,
  }
}

/** Waits until all guests of a host have read their files, or filled their RAM. */
export async function waitForGuests(host: HostRecord, progress: (text: string) => void): Promise<void> {
  for (const guest of host.guests) {
    await waitForGuest(guest.name, guest.serialLog, guest.size === 'large' ? STAND_IN_READY : undefined)
    progress(`${host.name}: ${guest.name} ready`)
  }
}

/** The files that a guest opens, its own image first; empty: it opens none. */
async function buildImages(
  guest: GuestPlan,
  folder: string,
  { plan, progress }: HostStart,
): Promise<string[]> {
  if (guest.size === 'large') {
    if (guest.imageMiB === 0) return []
    progress(`${guest.hostName}: image of ${guest.name} (${guest.imageMiB} MiB)`)
    return [buildStandInImage(guest, plan.imagesDir)]
  }
  progress(`${guest.hostName}: image of ${guest.name} (${guest.format})`)
  const chain = await buildImage(guest, plan, imagesFolder(plan), folder)
  return guest.fio ? [...chain, await buildToolsImage(plan.imagesDir)] : chain
}

async function startGuest(
  guest: GuestPlan,
  images: readonly string[],
  host: HostPlan,
  place: HostPlace,
  start: HostStart,
): Promise<GuestRecord> {
  const stem = join(place.folder, 'guests', guest.name)
  rmSync(`${stem}.log`, { force: true })
  const started =
    guest.size === 'large'
      ? await startLargeGuest(guest, images, stem, place, start)
      : await startSmallGuest(guest, images, stem, host, place, start.boot)
  const pid = listNamespace(place.initPid).get(started.pidInHost)
  if (pid === undefined)
    throw new Error(`cannot find guest ${guest.name}: no process ${started.pidInHost} in ${host.name}`)
  return { name: guest.name, size: guest.size, pid, images, serialLog: `${stem}.log`, ...started }
}

type Started = Pick<GuestRecord, 'pidInHost' | 'serialSocket' | 'qmpSocket'>

async function startLargeGuest(
  guest: StandInPlan,
  [image]: readonly string[],
  stem: string,
  place: HostPlace,
  { plan }: HostStart,
): Promise<Started> {
  const program = await buildStandInGuest(join(plan.dir, 'hosts/stand-ins'), 'qemu-system-x86_64')
  return { pidInHost: await startStandIn(guest, { program, image, log: `${stem}.log` }, place) }
}

async function startSmallGuest(
  guest: SmallGuestPlan,
  images: readonly string[],
  stem: string,
  host: HostPlan,
  place: HostPlace,
  boot: BootFiles,
): Promise<Started> {
  const [image] = images
  if (!image) throw new Error(`cannot start guest ${guest.name}: no image`)
  if (`${stem}.serial`.length > MAX_SOCKET_PATH) {
    throw new Error(
      `cannot start guest ${guest.name}: ${stem}.serial is too long for a socket, use a shorter --dir`,
    )
  }
  const tools = guest.fio ? images.at(-1) : undefined
  const files: GuestFiles = {
    boot,
    image,
    ...(tools ? { tools } : {}),
    serialSocket: `${stem}.serial`,
    serialLog: `${stem}.log`,
    qmpSocket: `${stem}.qmp`,
  }
  const begin = host.kind === 'libvirt' ? startLibvirtGuest : startPlainGuest
  const pidInHost = await begin(guest, files, place)
  const qmp = host.kind === 'plain' && guest.spareMonitor ? { qmpSocket: files.qmpSocket } : {}
  return { pidInHost, serialSocket: files.serialSocket, ...qmp }
}

async function startSshdSomewhere(place: HostPlace): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort()
    try {
      await startSshd(place.initPid, place.folder, port)
      return port
    } catch (error) {
      // Another process may have taken the port since it was found free.
      if (attempt === SSHD_ATTEMPTS) throw error
    }
  }
}

// Brings up the guests of one lab host: each size in its own way.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { withValue } from '../../../src/shared/with-value.ts'
import type { BootFiles } from './boot-files.ts'
import { ensureDebianImage } from './debian-image.ts'
import { buildImage, imagesFolder } from './images.ts'
import { startLibvirtGuest } from './libvirt-guest.ts'
import type { GuestPlan, GuestSize, HostPlan, LabPlan, SmallGuestPlan } from './options.ts'
import { type GuestFiles, type HostPlace, startPlainGuest } from './plain-guest.ts'
import { listNamespace } from './processes.ts'
import {
  buildRealImage,
  REAL_GUEST_READY,
  type RealGuestPlan,
  startRealGuest,
  waitForLogin,
} from './real-guest.ts'
import { SMALL_GUEST_READY, waitForGuest } from './serial.ts'
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

const READY: Readonly<Record<GuestSize, string>> = {
  small: SMALL_GUEST_READY,
  real: REAL_GUEST_READY,
  large: STAND_IN_READY,
}

export interface GuestStart {
  readonly plan: LabPlan
  readonly boot: BootFiles
  progress(text: string): void
}

/** Waits until all guests of a host are ready: files read, RAM filled, or root let in. */
export async function waitForGuests(host: HostRecord, progress: (text: string) => void): Promise<void> {
  for (const guest of host.guests) {
    await waitForGuest(guest.name, guest.serialLog, READY[guest.size])
    if (guest.login !== undefined) await waitForLogin(guest.name, guest.login)
    progress(`${host.name}: ${guest.name} ready`)
  }
}

/** The files that a guest opens, its own image first; empty: it opens none. */
export async function buildImages(
  guest: GuestPlan,
  folder: string,
  { plan, progress }: GuestStart,
): Promise<string[]> {
  if (guest.size === 'large') {
    if (guest.imageMiB === 0) return []
    progress(`${guest.hostName}: image of ${guest.name} (${guest.imageMiB} MiB)`)
    return [buildStandInImage(guest, plan.imagesDir)]
  }
  progress(`${guest.hostName}: image of ${guest.name} (${guest.format})`)
  if (guest.size === 'real') return await buildRealImage(guest, folder, progress)
  const sizes = { ...plan, ownMiB: guest.ownMiB }
  const chain = await buildImage(guest, sizes, imagesFolder(sizes), folder)
  return guest.fio ? [...chain, await buildToolsImage(plan.imagesDir)] : chain
}

/** Starts a guest in a lab host. */
export async function startGuest(
  guest: GuestPlan,
  images: readonly string[],
  host: HostPlan,
  place: HostPlace,
  start: GuestStart,
): Promise<GuestRecord> {
  const stem = join(place.folder, 'guests', guest.name)
  rmSync(`${stem}.log`, { force: true })
  const started = await startBySize(guest, images, stem, host, place, start)
  const pid = listNamespace(place.initPid).get(started.pidInHost)
  if (pid === undefined)
    throw new Error(`cannot find guest ${guest.name}: no process ${started.pidInHost} in ${host.name}`)
  return { name: guest.name, size: guest.size, pid, images, serialLog: `${stem}.log`, ...started }
}

type Started = Pick<GuestRecord, 'pidInHost' | 'serialSocket' | 'qmpSocket' | 'login'>

function startBySize(
  guest: GuestPlan,
  images: readonly string[],
  stem: string,
  host: HostPlan,
  place: HostPlace,
  start: GuestStart,
): Promise<Started> {
  if (guest.size === 'large') return startLargeGuest(guest, images, stem, place, start)
  if (guest.size === 'real') return startDebianGuest(guest, images, stem, place, start)
  return startSmallGuest(guest, images, stem, host, place, start.boot)
}

async function startDebianGuest(
  guest: RealGuestPlan,
  [image]: readonly string[],
  stem: string,
  place: HostPlace,
  { progress }: GuestStart,
): Promise<Started> {
  if (!image) throw new Error(`cannot start guest ${guest.name}: no image`)
  const files = { image, serialLog: `${stem}.log`, qmpSocket: socketPath(guest.name, `${stem}.qmp`) }
  const debian = await ensureDebianImage(progress)
  return { ...(await startRealGuest(guest, { ...files, debian }, place)), qmpSocket: files.qmpSocket }
}

async function startLargeGuest(
  guest: StandInPlan,
  [image]: readonly string[],
  stem: string,
  place: HostPlace,
  { plan }: GuestStart,
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
  const tools = guest.fio ? images.at(-1) : undefined
  const files: GuestFiles = {
    boot,
    image,
    ...withValue({ tools }),
    serialSocket: socketPath(guest.name, `${stem}.serial`),
    serialLog: `${stem}.log`,
    qmpSocket: `${stem}.qmp`,
  }
  const begin = host.kind === 'libvirt' ? startLibvirtGuest : startPlainGuest
  const pidInHost = await begin(guest, files, place)
  const qmp = host.kind === 'plain' && guest.spareMonitor ? { qmpSocket: files.qmpSocket } : {}
  return { pidInHost, serialSocket: files.serialSocket, ...qmp }
}

function socketPath(guest: string, path: string): string {
  if (path.length <= MAX_SOCKET_PATH) return path
  throw new Error(`cannot start guest ${guest}: ${path} is too long for a socket, use a shorter --dir`)
}

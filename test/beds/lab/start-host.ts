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
import type { GuestPlan, HostPlan, LabPlan } from './options.ts'
import { type GuestFiles, type HostPlace, startPlainGuest } from './plain-guest.ts'
import { listNamespace } from './processes.ts'
import { waitForGuest } from './serial.ts'
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
  for (const guest of host.guests) {
    start.progress(`${host.name}: image of ${guest.name} (${guest.format})`)
    const chain = await buildImage(guest, plan, images, folder)
    chains.push(guest.fio ? [...chain, await buildToolsImage(plan.imagesDir)] : chain)
  }
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
    guests.push(await startGuest(guest, chains[index] ?? [], host, place, start.boot))
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

/** Waits until all guests of a host have read their files. */
export async function waitForGuests(host: HostRecord, progress: (text: string) => void): Promise<void> {
  for (const guest of host.guests) {
    await waitForGuest(guest.name, guest.serialLog)
    progress(`${host.name}: ${guest.name} ready`)
  }
}

async function startGuest(
  guest: GuestPlan,
  images: readonly string[],
  host: HostPlan,
  place: HostPlace,
  boot: BootFiles,
): Promise<GuestRecord> {
  const stem = join(place.folder, 'guests', guest.name)
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
  rmSync(files.serialLog, { force: true })
  const start = host.kind === 'libvirt' ? startLibvirtGuest : startPlainGuest
  const pidInHost = await start(guest, files, place)
  const pid = listNamespace(place.initPid).get(pidInHost)
  if (pid === undefined)
    throw new Error(`cannot find guest ${guest.name}: no process ${pidInHost} in ${host.name}`)
  const qmp = host.kind === 'plain' && guest.spareMonitor ? { qmpSocket: files.qmpSocket } : {}
  return {
    name: guest.name,
    pid,
    pidInHost,
    images,
    serialSocket: files.serialSocket,
    serialLog: files.serialLog,
    ...qmp,
  }
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

// Brings up one lab host: namespaces, sshd, and its guests side by side.
import { findFreePort } from '../free-port.ts'
import { createCgroups, planCgroups } from './cgroups.ts'
import { makeHostKey, prepareHostFolder } from './host-folder.ts'
import { dropCache } from './images.ts'
import { startSshd } from './lab-host.ts'
import { startLibvirt } from './libvirt-guest.ts'
import { type Namespace, startNamespace } from './namespace.ts'
import type { HostPlan } from './options.ts'
import type { HostPlace } from './plain-guest.ts'
import { buildImages, type GuestStart, startGuest } from './start-guest.ts'
import type { GuestRecord, HostRecord } from './state.ts'

const SSHD_ATTEMPTS = 3

export interface HostStart extends GuestStart {
  /** Writes what is about to exist into the lab's state. */
  recordNamespace(namespace: Namespace): void
  recordCgroups(cgroups: readonly string[]): void
}

export async function startHost(host: HostPlan, start: HostStart): Promise<HostRecord> {
  const { plan } = start
  const folder = await prepareHostFolder(plan.dir, host)
  const key = await makeHostKey(folder, host.name)
  const chains: string[][] = []
  for (const guest of host.guests) chains.push(await buildImages(guest, folder, start))
  await dropCache(chains.flat())
  const cgroups = planCgroups(plan.dir, host)
  start.recordCgroups(cgroups)
  createCgroups(cgroups, host, plan.imagesDir)
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

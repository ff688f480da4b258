// What a guest's balloon leaves it, as QEMU says.
import { z } from 'zod'
import { asProblem, Problem } from '../../../src/shared/problem.ts'
import { Deadline } from '../../../src/shared/time/deadline.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { GuestConnector } from './guest-connector.ts'
import { requireDomain } from './libvirt-domain.ts'
import { parseReturn } from './monitor.ts'
import { findMonitorAddress } from './monitor-address.ts'
import { withMonitorBy } from './open-monitor.ts'
import type { Reach } from './qmp-socket.ts'
import { runVirsh } from './virsh.ts'

export interface Balloon {
  /** The guest has no such device: nothing takes its RAM back. */
  readonly hasNoBalloon?: true
  readonly balloonBytes?: number
  /** Why there is no figure. */
  readonly balloonNote?: string
}

// QEMU's words of the error class DeviceNotActive (qapi/machine.json, query-balloon).
const noBalloon = 'No balloon device'
const answer = z.object({ actual: z.number().int().nonnegative() })
/** All monitors together, however many of them say nothing. */
const monitorsMs = 5_000
const maxAtOnce = 32

/** By pid. A guest whose monitor does not tell has the reason instead. Never rejects. */
export async function readBalloons(
  root: KernelRoot,
  guests: readonly Guest[],
): Promise<ReadonlyMap<number, Balloon>> {
  const connector = new GuestConnector()
  const reach = { connector, deadline: new Deadline(monitorsMs), isWhole: true }
  const isLibvirt = ({ args, name }: Guest) => findMonitorAddress(args, name).kind === 'libvirt'
  // One call tells of all domains, and taints none in libvirt's log.
  const domains = guests.some(isLibvirt) ? await settle(() => readDomains(reach)) : undefined
  const found = new Map<number, Balloon>()
  const waiting = guests.values()
  const askNext = async () => {
    for (const guest of waiting) {
      const read = () => (isLibvirt(guest) ? ofDomain(root, guest, domains) : ofMonitor(root, guest, reach))
      const { value, note } = await settle(read)
      const hasNone = note?.includes(noBalloon) === true
      found.set(
        guest.pid,
        hasNone ? { hasNoBalloon: true } : withValue({ balloonBytes: value, balloonNote: note }),
      )
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(maxAtOnce, guests.length) }, askNext))
  } finally {
    connector.end()
  }
  return found
}

interface Settled<T> {
  readonly value?: T
  readonly note?: string
}

async function settle<T>(read: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await read() }
  } catch (error) {
    return { note: asProblem(error).message.slice(0, 512) }
  }
}

function ofMonitor(root: KernelRoot, guest: Guest, reach: Reach): Promise<number> {
  return withMonitorBy(root, guest, reach, async (monitor) => {
    const told = await monitor.execute('query-balloon', undefined, reach.deadline.leftMs)
    return parseReturn(answer, told, 'query-balloon', monitor.via).actual
  })
}

async function readDomains({ deadline }: Reach): Promise<ReadonlyMap<string, number>> {
  const args = ['domstats', '--balloon', '--raw', '--nowait', '--list-active']
  return parseBalloons(await runVirsh(args, "read libvirt's balloon statistics", deadline.leftMs))
}

async function ofDomain(
  root: KernelRoot,
  guest: Guest,
  domains: Settled<ReadonlyMap<string, number>> | undefined,
): Promise<number> {
  await requireDomain(root, guest)
  const bytes = domains?.value?.get(guest.name)
  if (bytes !== undefined) return bytes
  const why = domains?.note ?? `cannot read the balloon of guest ${guest.name}: libvirt does not report it`
  throw new Problem('not-supported', why)
}

/** Domain's name → bytes, from `virsh domstats --balloon --raw`. Pure. */
export function parseBalloons(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const block of text.split(/^(?=Domain: ')/m)) {
    const name = /^Domain: '(.*)'$/m.exec(block)?.[1]
    const kibibytes = /^ {2}balloon\.current=(\d+)$/m.exec(block)?.[1]
    if (name !== undefined && kibibytes !== undefined) found.set(name, Number(kibibytes) * 1024)
  }
  return found
}

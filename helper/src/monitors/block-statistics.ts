// What guests read of their disks, counted by QEMU: every way of reading is in it, io_uring and AIO too.
import { z } from 'zod'
import { Problem } from '../../../src/shared/problem.ts'
import type { Deadline } from '../../../src/shared/time/deadline.ts'
import { formatSeconds } from '../../../src/shared/units.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { requireDomain } from './libvirt-domain.ts'
import { type Monitor, parseReturn } from './monitor.ts'
import { findMonitorAddress } from './monitor-address.ts'
import { withMonitorBy } from './open-monitor.ts'
import type { Reach } from './qmp-socket.ts'
import { runVirsh } from './virsh.ts'

/** Cumulative since the guest started. */
export interface DiskStatistics {
  /** Target (`vda`) under libvirt, else the device or node. */
  readonly name: string
  readonly readBytes: number
  readonly readRequests: number
  /** How long those requests took, added up. Absent: this QEMU does not tell. */
  readonly readSeconds?: number
}

export interface GuestBlockStatistics {
  readonly pid: number
  readonly disks: readonly DiskStatistics[]
}

export interface BlockStatistics {
  readonly guests: readonly GuestBlockStatistics[]
  /** Guests whose monitor did not tell, and why. */
  readonly failed: readonly { readonly guest: Guest; readonly error: unknown }[]
}

const count = z.number().int().nonnegative()

/** How many plain guests are asked at once. */
const maxAtOnce = 32

/**
 * One call of virsh for all guests of libvirt, and one short connection to each plain guest's socket, all of it within
 * one deadline: monitors that have not answered by then are among `failed`.
 */
export async function readBlockStatistics(
  root: KernelRoot,
  guests: readonly Guest[],
  reach: Reach,
): Promise<BlockStatistics> {
  const isLibvirt = (guest: Guest) => findMonitorAddress(guest.args, guest.name).kind === 'libvirt'
  const plain = guests.filter((guest) => !isLibvirt(guest))
  const waiting = plain.values()
  const askNext = async (): Promise<BlockStatistics[]> => {
    const parts: BlockStatistics[] = []
    for (const guest of waiting) parts.push(await settle(guest, () => readOfMonitor(root, guest, reach)))
    return parts
  }
  const parts = await Promise.all([
    readOfLibvirt(root, guests.filter(isLibvirt), reach.deadline),
    ...Array.from({ length: Math.min(maxAtOnce, plain.length) }, askNext),
  ])
  const all = parts.flat()
  return { guests: all.flatMap((part) => part.guests), failed: all.flatMap((part) => part.failed) }
}

/** By the name that libvirt gives a domain, and only where libvirt runs it as this very process. */
async function readOfLibvirt(
  root: KernelRoot,
  guests: readonly Guest[],
  deadline: Deadline,
): Promise<BlockStatistics> {
  const checked = await Promise.all(
    guests.map(async (guest) => ({ guest, error: await failureOf(requireDomain(root, guest)) })),
  )
  const failed = checked.filter(({ error }) => error !== undefined)
  const own = checked.flatMap(({ guest, error }) => (error === undefined ? [guest] : []))
  if (own.length === 0) return { guests: [], failed }
  try {
    const args = ['domstats', '--block', '--raw', '--nowait', '--list-active']
    const domains = parseDomstats(await runVirsh(args, "read libvirt's block statistics", deadline.leftMs))
    const found = own.flatMap(({ pid, name }) => {
      const disks = domains.get(name)
      return disks === undefined ? [] : [{ pid, disks }]
    })
    return { guests: found, failed }
  } catch (error) {
    return { guests: [], failed: [...failed, ...own.map((guest) => ({ guest, error }))] }
  }
}

function failureOf(work: Promise<void>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

async function settle(guest: Guest, read: () => Promise<DiskStatistics[]>): Promise<BlockStatistics> {
  try {
    return { guests: [{ pid: guest.pid, disks: await read() }], failed: [] }
  } catch (error) {
    return { guests: [], failed: [{ guest, error }] }
  }
}

/** Domain's name → its disks, from `virsh domstats --block --raw`. Disks without counters are left out. */
export function parseDomstats(text: string): ReadonlyMap<string, DiskStatistics[]> {
  const domains = new Map<string, DiskStatistics[]>()
  for (const block of text.split(/^(?=Domain: ')/m)) {
    const name = /^Domain: '(.*)'$/m.exec(block)?.[1]
    if (name === undefined) continue
    const fields = new Map(
      [...block.matchAll(/^ {2}block\.(\S+?)=(.*)$/gm)].map(([, key, value]) => [key, value]),
    )
    const disks = Math.min(Number(fields.get('count') ?? 0), 10_000)
    domains.set(name, Array.from({ length: disks }, (_, index) => toDisk(fields, index)).flat())
  }
  return domains
}

function toDisk(
  fields: ReadonlyMap<string | undefined, string | undefined>,
  index: number,
): DiskStatistics[] {
  const field = (key: string) => fields.get(`${index}.${key}`)
  const number = (key: string) => count.safeParse(Number(field(key) ?? Number.NaN)).data
  const readBytes = number('rd.bytes')
  if (readBytes === undefined) return []
  return [
    {
      name: field('name') ?? String(index),
      readBytes,
      readRequests: number('rd.reqs') ?? 0,
      ...readTime(number('rd.times')),
    },
  ]
}

function readTime(nanoseconds: number | undefined): Pick<DiskStatistics, 'readSeconds'> {
  return nanoseconds === undefined ? {} : { readSeconds: nanoseconds / 1e9 }
}

const blockStats = z.lazy(() =>
  z
    .array(
      z.object({
        device: z.string().max(1024).optional(),
        qdev: z.string().max(1024).optional(),
        'node-name': z.string().max(1024).optional(),
        stats: z.object({
          rd_bytes: count,
          rd_operations: count,
          rd_total_time_ns: z.number().nonnegative().optional(),
        }),
      }),
    )
    .max(10_000),
)
async function readOfMonitor(root: KernelRoot, guest: Guest, reach: Reach): Promise<DiskStatistics[]> {
  if (reach.deadline.isOver) throw cutOff(guest, reach.deadline)
  return withMonitorBy(root, guest, reach, readDisks)
}

/** By one command of the monitor. */
export async function readDisks(monitor: Monitor): Promise<DiskStatistics[]> {
  const command = 'query-blockstats'
  return toDisks(parseReturn(blockStats, await monitor.execute(command), command, monitor.via))
}

function cutOff({ name }: Guest, { allowedMs }: Deadline): Problem {
  const time = formatSeconds(allowedMs / 1000)
  return new Problem(
    'timed-out',
    `cannot ask the monitor of guest ${name}: the monitors of other guests took the ${time} of this sample`,
  )
}

/** A disk given as -blockdev has an empty device, and is known by its qdev path. */
export function toDisks(stats: z.infer<typeof blockStats>): DiskStatistics[] {
  return stats.map(({ device, qdev, 'node-name': node, stats: counted }, index) => ({
    name: device || qdev || node || String(index),
    readBytes: counted.rd_bytes,
    readRequests: counted.rd_operations,
    ...readTime(counted.rd_total_time_ns),
  }))
}

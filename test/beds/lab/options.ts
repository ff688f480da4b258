// What a lab is asked to be, and the plan of hosts and guests that follows from it.
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { planRealGuest, type RealGuestOptions, type RealGuestPlan } from './real-guest.ts'
import { planStandIn, type StandInOptions, type StandInPlan } from './stand-in-guest.ts'

export type HostKind = 'plain' | 'libvirt'
export type ImageFormat = 'raw' | 'qcow2'
export type CacheMode = 'writeback' | 'none'
/** See README.md: *Sizes of guests*. */
export type GuestSize = 'small' | 'real' | 'large'

export type GuestOptions = SmallGuestOptions | RealGuestOptions | StandInOptions

export interface SmallGuestOptions {
  readonly size?: 'small'
  readonly name?: string
  readonly ramMiB?: number
  /** The monitor's mem-merge: false keeps KSM away from the guest. */
  readonly memMerge?: boolean
  readonly cacheMode?: CacheMode
  /** How QEMU reads the disk; io_uring keeps reads out of rchar. Default threads. */
  readonly aio?: 'threads' | 'io_uring'
  /** A QMP socket to spare; plain guests only. Default true. */
  readonly spareMonitor?: boolean
  /** raw: an image of its own. qcow2: an overlay on a base that all such guests of the lab share. */
  readonly format?: ImageFormat
  /** Mounts the disk writable. */
  readonly writer?: boolean
  /** Reads every file after booting. Default true. */
  readonly warm?: boolean
  /** Attaches the disk with fio, for the command `fio`. */
  readonly fio?: boolean
  /** Guests with the same seed hold the same own files. Default: another for each guest. */
  readonly seed?: number
  /** MiB of files of its own. Default: as in the whole lab. */
  readonly ownMiB?: number
}

export interface HostOptions {
  readonly name?: string
  readonly kind?: HostKind
  readonly guests?: number | readonly GuestOptions[]
  /** Limit of a memory cgroup around the guests, their page cache included. */
  readonly memoryLimitBytes?: number
  /** Read operations per second that the guests' storage may do. */
  readonly readIops?: number
}

export interface LabOptions {
  readonly dir?: string
  readonly hosts?: number | readonly HostOptions[]
  /** Guests of each host that does not say. Default 2. */
  readonly guests?: number
  /** Attaches the disk with fio to every guest that does not say. */
  readonly fio?: boolean
  /** MiB of files that every guest holds alike, and that each holds for itself. */
  readonly commonMiB?: number
  readonly ownMiB?: number
  /** Readahead of the images' disk while the lab is up, for everything on that disk. Default: as it is. */
  readonly readAheadKiB?: number
  /** Does not put back the KSM settings found: for a lab that touches none, beside another that does. */
  readonly leavesKsm?: boolean
  /** The lab outlives the process that starts it, as `lab up` wants. Default: it is a leftover once that process is gone. */
  readonly detached?: boolean
}

/** Contents of a lab for tests that ask for no certain amount: quick to read, and built once for all of them. */
export const smallContents = { commonMiB: 24, ownMiB: 40 }

export interface SmallGuestPlan extends Required<SmallGuestOptions> {
  readonly hostName: string
}

export type GuestPlan = SmallGuestPlan | RealGuestPlan | StandInPlan

export interface HostPlan {
  readonly name: string
  readonly kind: HostKind
  readonly guests: readonly GuestPlan[]
  readonly memoryLimitBytes: number | undefined
  readonly readIops: number | undefined
}

export interface LabPlan {
  readonly dir: string
  readonly imagesDir: string
  readonly hosts: readonly HostPlan[]
  readonly commonMiB: number
  readonly ownMiB: number
  readonly readAheadKiB: number | undefined
  readonly leavesKsm: boolean
  readonly detached: boolean
}

// A lab host covers these with folders of its own, so a lab folder inside them would vanish from it.
const COVERED = ['/run', '/root', '/var/lib', '/var/log', '/var/cache', '/proc', '/sys', '/dev']

const defaultOwnMiB = 96

export function defaultLabDir(): string {
  const asked = process.env.SINGLETON_LAB_DIR
  return resolve(asked || (tmpdir() === '/tmp' ? '/var/tmp/singleton-lab' : join(tmpdir(), 'singleton-lab')))
}

export function planLab(options: LabOptions): LabPlan {
  const dir = resolve(options.dir ?? defaultLabDir())
  const covered = COVERED.find((folder) => dir === folder || dir.startsWith(`${folder}/`))
  if (covered) throw new Error(`cannot make a lab in ${dir}: lab hosts have a ${covered} of their own`)
  const asked = options.hosts ?? 2
  const hosts = typeof asked === 'number' ? Array.from({ length: asked }, (): HostOptions => ({})) : asked
  let seed = 0
  return {
    dir,
    // Labs of one test run, which come one after the other, share what they boot from.
    imagesDir: process.env.SINGLETON_LAB_IMAGES_DIR || join(dir, 'images'),
    commonMiB: options.commonMiB ?? 48,
    ownMiB: options.ownMiB ?? defaultOwnMiB,
    readAheadKiB: options.readAheadKiB,
    leavesKsm: options.leavesKsm ?? false,
    detached: options.detached ?? false,
    hosts: hosts.map((host, index) => planHost(host, index, options, () => ++seed)),
  }
}

function planHost(host: HostOptions, index: number, lab: LabOptions, nextSeed: () => number): HostPlan {
  const name = host.name ?? `lab-${String.fromCharCode(97 + index)}`
  const kind = host.kind ?? (index === 1 ? 'libvirt' : 'plain')
  const asked = host.guests ?? lab.guests ?? 2
  const guests = typeof asked === 'number' ? Array.from({ length: asked }, (): GuestOptions => ({})) : asked
  return {
    name,
    kind,
    memoryLimitBytes: host.memoryLimitBytes,
    readIops: host.readIops,
    guests: guests.map((guest, at) => {
      const place = { host: name, name: `${name.replace(/^lab-/, 'guest-')}${at + 1}` }
      if (guest.size === 'real') return planRealGuest(guest, place)
      const seeded = { ...place, seed: guest.seed ?? nextSeed() }
      return guest.size === 'large' ? planStandIn(guest, seeded) : planSmallGuest(guest, seeded, kind, lab)
    }),
  }
}

function planSmallGuest(
  guest: SmallGuestOptions,
  place: { readonly host: string; readonly name: string; readonly seed: number },
  kind: HostKind,
  lab: LabOptions,
): SmallGuestPlan {
  return {
    size: 'small',
    hostName: place.host,
    name: guest.name ?? place.name,
    ramMiB: guest.ramMiB ?? 320,
    memMerge: guest.memMerge ?? true,
    cacheMode: guest.cacheMode ?? 'writeback',
    aio: guest.aio ?? 'threads',
    spareMonitor: guest.spareMonitor ?? true,
    format: guest.format ?? (kind === 'libvirt' ? 'qcow2' : 'raw'),
    writer: guest.writer ?? false,
    warm: guest.warm ?? true,
    fio: guest.fio ?? lab.fio ?? false,
    seed: place.seed,
    ownMiB: guest.ownMiB ?? lab.ownMiB ?? defaultOwnMiB,
  }
}

// A host that does not exist, played from a formula: guests that read in waves, images that fill the page cache, KSM that
// merges. Everything follows from its number and the seconds since it began, so that figures can be checked. Pure.
import type {
  AssessedGuest,
  AssessedImage,
  Assessment,
  Hello,
  Sample,
  ScrubResult,
} from '../../../src/shared/contract/index.ts'

export const gib = 1024 ** 3
export const mib = 1024 ** 2
const page = 4096

export interface ReplayedHost {
  readonly index: number
  readonly guests: number
}

export const cost = { wallSeconds: 1.4, cpuSeconds: 1.1, hashedBytes: 8 * gib, peakRssBytes: 90 * mib }
const whole = (bytes: number) => Math.round(bytes / page) * page
/** −1 to 1, slow and different for each host and guest. */
const wave = (index: number, seconds: number, period: number) =>
  Math.sin((2 * Math.PI * (seconds + index * 37)) / period)

/** Room for guests of 8 GiB, half of it spare. */
const totalBytesOf = ({ guests }: ReplayedHost) => Math.max(64, 16 * guests) * gib

export function hostFactsOf(host: ReplayedHost) {
  const { index } = host
  return {
    hostname: `kvm${String(index + 1).padStart(3, '0')}`,
    kernel: index % 5 === 4 ? '6.1.0-28-amd64' : '6.12.57+deb13-amd64',
    machine: { bootId: `replayed-${index}`, pidNamespace: 'pid:[1]' },
    pageSize: page,
    memTotalBytes: totalBytesOf(host),
    memAvailableBytes: 22 * gib,
  }
}

export function helloOf(host: ReplayedHost, readOnly: boolean, buildDigest: string): Hello {
  return {
    protocol: 1,
    version: '0.1.0',
    buildDigest,
    host: hostFactsOf(host),
    uid: 0,
    readOnly,
    capabilities: {
      pagemapScan: true,
      pageFrames: true,
      kpageflags: true,
      cachestat: true,
      guestMemory: true,
      ksm: true,
      ksmWritable: true,
      ksmAdvisor: false,
      ksmSmartScan: true,
      pressure: true,
    },
    limits: [],
  }
}

const roles = ['web', 'db', 'mail', 'build', 'cache', 'proxy']

export function guestName({ index }: ReplayedHost, guest: number): string {
  return `${roles[guest % roles.length]}-${String(index + 1).padStart(3, '0')}-${guest + 1}`
}

export const pidOf = (guest: number) => 2000 + guest
export const pathOf = (host: ReplayedHost, guest: number) =>
  `/var/lib/libvirt/images/${guestName(host, guest)}.qcow2`
export const imageIdOf = ({ index }: ReplayedHost, guest: number) => `253:${index}:${guest + 100}@1764450000`

function guestFigures(host: ReplayedHost, guest: number, seconds: number) {
  const key = host.index * 7 + guest
  return {
    rssBytes: whole((6 + 0.4 * wave(key, seconds, 900)) * gib),
    cacheBytes: whole((1.6 + 0.9 * wave(key + 3, seconds, 700)) * gib),
    asked: 40e6 * seconds * (1 + 0.1 * guest),
    fetched: (9e6 + key * 1e5) * seconds,
    requests: Math.round((350 + 20 * guest) * seconds),
    cpuSeconds: (0.3 + 0.15 * (key % 6)) * seconds,
  }
}

export function sampleOf(host: ReplayedHost, seconds: number, at: number): Sample {
  const { index } = host
  const all = Array.from({ length: host.guests }, (_, guest) => ({
    guest,
    ...guestFigures(host, guest, seconds),
  }))
  const rss = all.reduce((sum, one) => sum + one.rssBytes, 0)
  const cache = all.reduce((sum, one) => sum + one.cacheBytes, 0)
  const used = rss + 3 * gib
  const cached = cache + 2 * gib
  const free = Math.max(gib, totalBytesOf(host) - used - cached)
  const sharing = Math.round((1.8e5 + 9e4 * wave(index, seconds, 1800)) * 4)
  return {
    at,
    monotonicSeconds: seconds,
    memory: {
      totalBytes: totalBytesOf(host),
      freeBytes: whole(free),
      availableBytes: whole(free + 0.9 * cached),
      cachedBytes: cached,
    },
    gauges: {
      dirtyBytes: whole((60 + 40 * wave(index, seconds, 120)) * mib),
      anonBytes: rss + gib,
      anonHugeBytes: whole(0.6 * rss),
      ...(!isOld(host) && pressureAndSwap(index, seconds)),
    },
    ksm: {
      settings: { run: 1, pagesToScan: 1000, sleepMillisecs: 20, smartScan: 1 },
      counters: {
        pagesShared: Math.round(sharing / 3),
        pagesSharing: sharing,
        pagesUnshared: 2_400_000,
        pagesVolatile: 120_000,
        fullScans: Math.floor(seconds / 300),
        ksmdCpuSeconds: 0.03 * seconds,
      },
      mergedBytes: sharing * page,
      governors: [],
    },
    guests: all.map((one) => sampledGuest(host, one, seconds)),
    images: all.map((one) => ({
      path: pathOf(host, one.guest),
      id: imageIdOf(host, one.guest),
      residentBytes: one.cacheBytes,
      dirtyBytes: 3 * mib,
    })),
    disks: [{ device: '253:0', reads: Math.round(420 * seconds), readSeconds: 0.42 * seconds }],
    busyCpuSeconds: all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0.25 * seconds),
    events: { mergeBreaks: Math.round(14 * seconds), hugePageSplits: Math.floor(0.2 * seconds) },
    helper: { cpuSeconds: 0.006 * seconds, rssBytes: 48 * mib },
    unreadable: [],
  }
}

/** What a kernel without pressure and swap does not report. */
function pressureAndSwap(index: number, seconds: number): Sample['gauges'] {
  return {
    swapUsedBytes: index % 4 === 3 ? 700 * mib : 0,
    memorySomePressureRatio: Math.max(0, 0.02 * wave(index, seconds, 400)),
    memoryFullPressureRatio: Math.max(0, 0.01 * wave(index, seconds, 400)),
    ioSomePressureRatio: 0.06 + 0.04 * wave(index, seconds, 300),
    ioFullPressureRatio: 0.02 + 0.02 * wave(index, seconds, 300),
  }
}

/** The fifth of each five hosts has an older kernel, without cgroup v2, and a guest without a monitor. */
export function isOld({ index }: ReplayedHost): boolean {
  return index % 5 === 4
}

function sampledGuest(
  host: ReplayedHost,
  one: ReturnType<typeof guestFigures> & { readonly guest: number },
  seconds: number,
): Sample['guests'][number] {
  return {
    pid: pidOf(one.guest),
    name: guestName(host, one.guest),
    user: 'libvirt-qemu',
    rssBytes: one.rssBytes,
    cpuSeconds: one.cpuSeconds,
    rcharBytes: Math.round(one.asked),
    readBytes: Math.round(one.fetched),
    ...(isOld(host) && one.guest === 0 ? unmonitored : { diskReads: diskReadsOf(one, seconds) }),
    ...(isOld(host) ? { ioPressureNote: 'this host has no cgroup v2' } : { ioPressureRatio: 0.03 }),
    mergingBytes: whole(0.1 * one.rssBytes),
    merging: one.guest === 3 ? 'off' : 'on',
  }
}

const unmonitored = {
  monitorProblem: {
    code: 'not-found' as const,
    message: 'cannot ask the monitor of process 2000: it has none to spare',
  },
}

function diskReadsOf(
  { guest, requests }: Pick<ReturnType<typeof guestFigures>, 'requests'> & { readonly guest: number },
  seconds: number,
): Sample['guests'][number]['diskReads'] {
  return {
    monotonicSeconds: seconds,
    readRequests: requests,
    readSeconds: requests * 0.0008,
    readsPerSecond: 350 + 20 * guest,
    readLatencySeconds: 0.0008 + 0.0001 * guest,
  }
}

export function assessmentOf(host: ReplayedHost, seconds: number, at: number): Assessment {
  const indexes = Array.from({ length: host.guests }, (_, guest) => guest)
  const guests = indexes.map((guest) => assessedGuest(host, guest, seconds))
  const images = indexes.map((guest) => assessedImage(host, guest, seconds))
  const sum = <T>(items: readonly T[], read: (item: T) => number) =>
    items.reduce((total, item) => total + read(item), 0)
  const mergeableBytes = sum(guests, (guest) => guest.mergeableBytes)
  const doubleCachedBytes = sum(images, (image) => image.doubleCachedBytes)
  return {
    at,
    host: hostFactsOf(host),
    guests,
    images,
    sharing: indexes.flatMap((a) =>
      indexes.slice(a).map((b) => ({
        a: pidOf(a),
        b: pidOf(b),
        identicalBytes: whole((a === b ? 700 : Math.max(130, 900 - 90 * (b - a))) * mib),
        zeroBytes: 120 * mib,
      })),
    ),
    totals: {
      guestResidentBytes: sum(guests, (guest) => guest.residentBytes),
      mergeableBytes,
      mergedBytes: sum(guests, (guest) => guest.mergedBytes),
      freedZeroBytes: sum(guests, (guest) => guest.freedZeroBytes),
      imageCacheBytes: sum(images, (image) => image.residentBytes),
      doubleCachedBytes,
      heldByOthersBytes: sum(images, (image) => image.heldByOthersBytes ?? 0),
      reclaimableBytes: mergeableBytes + doubleCachedBytes,
    },
    cost,
    unreadable: [],
  }
}

function assessedGuest(host: ReplayedHost, guest: number, seconds: number): AssessedGuest {
  const { rssBytes } = guestFigures(host, guest, seconds)
  return {
    pid: pidOf(guest),
    name: guestName(host, guest),
    user: 'libvirt-qemu',
    ramBytes: 8 * gib,
    residentBytes: rssBytes,
    zeroBytes: whole(0.04 * rssBytes),
    mergedBytes: whole(0.11 * rssBytes),
    freedZeroBytes: whole(0.01 * rssBytes),
    identicalBytes: whole(0.3 * rssBytes),
    mergeableBytes: whole((0.08 + 0.01 * (host.index % 9)) * rssBytes),
    doubleCachedBytes: whole(0.09 * rssBytes),
    why: guest === 3 ? [{ code: 'mem-merge-off', text: 'mem-merge=off: KSM may not merge its RAM' }] : [],
  }
}

function assessedImage(host: ReplayedHost, guest: number, seconds: number): AssessedImage {
  const { cacheBytes } = guestFigures(host, guest, seconds)
  return {
    path: pathOf(host, guest),
    id: imageIdOf(host, guest),
    format: 'qcow2',
    guests: [pidOf(guest)],
    cacheMode: 'buffered',
    residentBytes: cacheBytes,
    dirtyBytes: 3 * mib,
    doubleCachedBytes: whole(0.34 * cacheBytes),
    heldByOthersBytes: whole(0.04 * cacheBytes),
    why: [],
  }
}

export function scrubOf(host: ReplayedHost, seconds: number, at: number, dryRun: boolean): ScrubResult {
  const images = assessmentOf(host, seconds, at).images.map((image) => ({
    path: image.path,
    ...(image.id !== undefined && { id: image.id }),
    residentBeforeBytes: image.residentBytes,
    residentAfterBytes: image.residentBytes - image.doubleCachedBytes,
    evictedBytes: image.doubleCachedBytes,
    keptDirtyBytes: 3 * mib,
    keptUniqueBytes: image.residentBytes - image.doubleCachedBytes - 3 * mib,
  }))
  const total = (read: (image: (typeof images)[number]) => number) =>
    images.reduce((sum, image) => sum + read(image), 0)
  return {
    at,
    dryRun,
    images,
    totals: {
      residentBeforeBytes: total((image) => image.residentBeforeBytes),
      residentAfterBytes: total((image) => image.residentAfterBytes),
      evictedBytes: total((image) => image.evictedBytes),
      keptDirtyBytes: total((image) => image.keptDirtyBytes),
      keptUniqueBytes: total((image) => image.keptUniqueBytes),
    },
    cost,
    unreadable: [],
  }
}

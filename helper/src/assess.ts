// Assess: measures what a host could give back, and changes nothing.
import type { Assessment } from '../../src/shared/contract/assessment.ts'
import type { AssessedGuest } from '../../src/shared/contract/guests.ts'
import type { AssessedImage } from '../../src/shared/contract/images.ts'
import type { Unreadable } from '../../src/shared/contract/quantity.ts'
import { wallClock } from '../../src/shared/wall-clock.ts'
import { explainExcludedGuest, explainExcludedImage, explainGovernors } from './guests/exclusions.ts'
import { findGuests } from './guests/guests.ts'
import { explainRemoteDisks } from './guests/remote-disks.ts'
import { sharedPageChunk } from './identical-pages/page-hash.ts'
import { prepareGuests } from './identical-pages/prepare-guests.ts'
import type { RamScan } from './identical-pages/scan-ram.ts'
import { summarizeSharing } from './identical-pages/sharing.ts'
import { type Snapshot, takeSnapshot } from './identical-pages/snapshot.ts'
import { type GuestSummary, type SnapshotSummary, summarizeSnapshot } from './identical-pages/summarize.ts'
import type { Image, ListedImages } from './images/image.ts'
import { listImages } from './images/list-images.ts'
import { NamedImages } from './images/named-images.ts'
import { pageSize } from './kernel/libc.ts'
import { systemProblem } from './kernel/system-error.ts'
import { CostMeter } from './pacing/cost-meter.ts'
import { Pace } from './pacing/pace.ts'
import type { ScanOptions } from './pacing/scan-options.ts'
import { assessImage } from './page-cache/assess-image.ts'
import { countImagePages } from './page-cache/count-image-pages.ts'
import { ImageReader } from './page-cache/image-reader.ts'
import { readHostFacts } from './probe/host-facts.ts'
import { requirePrivilege } from './probe/privilege.ts'

/** Needs root (CAP_SYS_PTRACE for guests' memory, CAP_SYS_ADMIN for page frames). Throws `not-permitted`, `cancelled`. */
export async function assess(options: ScanOptions): Promise<Assessment> {
  requirePrivilege('assess this host')
  const meter = new CostMeter()
  const at = wallClock()
  const host = await readHostFacts(options.root)
  const { guests, unreadable: leftOut } = await findGuests(options.root)
  const { images, unreadable: unlisted } = await listImages(options.root, guests)
  const excluded = new NamedImages(options.root, images, options.exclusions?.images ?? [])
  const { prepared, unreadable: unprepared } = await prepareGuests(guests, options)
  const presentPages = prepared.reduce((sum, scan) => sum + scan.presentPages, 0)
  const pace = new Pace(options, presentPages + countImagePages(images))
  const chunk = sharedPageChunk()
  const snapshot = await takeSnapshot(prepared, chunk, pace, options)
  try {
    options.knownContents?.follow(images, presentPages)
    const reader = new ImageReader(chunk, options.knownContents)
    const caches = await assessImages(images, excluded, snapshot, reader, pace, options)
    const ksmZeroPages = prepared.map((scan) => scan.ksmZeroPages)
    const summary = await summarizeSnapshot(snapshot.groups, ksmZeroPages, pageSize, pace)
    const guests = await describeGuests(snapshot, summary, options, { images, unreadable: unlisted })
    return {
      at,
      host,
      guests,
      images: caches.images,
      sharing: summarizeSharing(snapshot.guests, summary),
      totals: addUp(guests, caches.images, summary.mergeable.bytes),
      ...describeSampling(snapshot, summary),
      cost: meter.read((snapshot.hashedPages + caches.hashedPages) * pageSize),
      unreadable: [
        ...leftOut,
        ...unlisted,
        ...excluded.explainUnmatched('scrub.guards.exclude'),
        ...unprepared,
        ...snapshot.unreadable,
        ...caches.unreadable,
      ],
    }
  } finally {
    snapshot.groups.release()
  }
}

async function describeGuests(
  { guests }: Snapshot,
  summary: SnapshotSummary,
  options: ScanOptions,
  { images, unreadable }: ListedImages,
): Promise<AssessedGuest[]> {
  const governors = await explainGovernors(options.root)
  const hasImages = (pid: number) =>
    images.some(({ guests }) => guests.includes(pid)) ||
    unreadable.some(({ problem }) => problem.message.includes(` of guest ${pid}`))
  return guests.map(({ prepared: { guest, scan, ram, otherBlocksBytes, why }, index }) => ({
    ...{
      pid: guest.pid,
      name: guest.name,
      ...(guest.user === undefined ? {} : { user: guest.user }),
      ...ram,
    },
    ...(otherBlocksBytes > 0 && { otherBlocksBytes }),
    ...(summary.guests[index] as GuestSummary),
    why: [
      ...why,
      ...(isMergeable(scan) ? governors : []),
      ...explainExcludedGuest(guest.name, options.exclusions),
      ...explainRemoteDisks(guest, hasImages(guest.pid)),
    ],
  }))
}

function describeSampling(
  { groups }: Snapshot,
  { mergeable }: SnapshotSummary,
): Pick<Assessment, 'sampling'> {
  const ratio = groups.records.sampledRatio
  return ratio === 1 ? {} : { sampling: { ratio, mergeableMarginBytes: mergeable.marginBytes } }
}

function isMergeable({ mappings }: RamScan): boolean {
  return mappings.some(({ mergeable }) => mergeable)
}

interface AssessedImages {
  readonly images: AssessedImage[]
  readonly hashedPages: number
  readonly unreadable: Unreadable[]
}

async function assessImages(
  images: readonly Image[],
  excluded: NamedImages,
  snapshot: Snapshot,
  reader: ImageReader,
  pace: Pace,
  options: ScanOptions,
): Promise<AssessedImages> {
  const result = { images: [] as AssessedImage[], hashedPages: 0, unreadable: [] as Unreadable[] }
  for (const image of images) {
    try {
      const { assessed, hashedPages, cut } = await assessImage(image, snapshot.groups, reader, pace)
      const reasons = explainExcludedImage(image, excluded)
      result.images.push({ ...assessed, why: [...assessed.why, ...reasons] })
      result.hashedPages += hashedPages
      if (cut) result.unreadable.push({ path: image.path, problem: cut })
    } catch (error) {
      if (options.signal.aborted) throw error
      const problem = systemProblem(error, `assess image ${image.label}`)
      result.unreadable.push({ path: image.path, problem: problem.toData() })
    }
  }
  return result
}

function addUp(
  guests: readonly AssessedGuest[],
  images: readonly AssessedImage[],
  mergeableBytes: number,
): Assessment['totals'] {
  const doubleCachedBytes = sum(images, (image) => image.doubleCachedBytes)
  return {
    guestResidentBytes: sum(guests, (guest) => guest.residentBytes),
    mergeableBytes,
    mergedBytes: sum(guests, (guest) => guest.mergedBytes),
    freedZeroBytes: sum(guests, (guest) => guest.freedZeroBytes),
    imageCacheBytes: sum(images, (image) => image.residentBytes),
    doubleCachedBytes,
    reclaimableBytes: mergeableBytes + doubleCachedBytes,
  }
}

function sum<T>(items: readonly T[], bytesOf: (item: T) => number): number {
  return items.reduce((total, item) => total + bytesOf(item), 0)
}

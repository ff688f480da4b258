// Assess: measures what a host could give back, and changes nothing.

import type { Assessment } from '../../src/shared/contract/assessment.ts'
import type { AssessedGuest } from '../../src/shared/contract/guests.ts'
import type { AssessedImage } from '../../src/shared/contract/images.ts'
import type { Unreadable } from '../../src/shared/contract/quantity.ts'
import { wallClock } from '../../src/shared/time/wall-clock.ts'
import { withValue } from '../../src/shared/with-value.ts'
import { findGuests } from './guests/guests.ts'
import { explainRemoteDisks } from './guests/remote-disks.ts'
import { checkImage, checkTotals, keepPossible } from './identical-pages/check-figures.ts'
import { sharedPageChunk } from './identical-pages/scan/page-hash.ts'
import { prepareGuests } from './identical-pages/scan/scan-guests.ts'
import {
  figuresOf,
  type Snapshot,
  summarizeSharing,
  takeSnapshot,
  vouchersFor,
} from './identical-pages/snapshot.ts'
import { type SnapshotSummary, summarizeSnapshot } from './identical-pages/summarize.ts'
import { explainExcludedGuest, explainExcludedImage } from './images/exclusions.ts'
import type { Image, ListedImages } from './images/image.ts'
import { listImages } from './images/list-images.ts'
import { NamedImages } from './images/named-images.ts'
import { pageSize } from './kernel/page-size.ts'
import { dropProgramPages, dropProgramPagesInTurn } from './kernel/program-pages.ts'
import { systemProblem } from './kernel/system-error.ts'
import { explainGovernors } from './ksm/explain-governors.ts'
import { CostMeter } from './pacing/cost-meter.ts'
import { Pace } from './pacing/pace.ts'
import type { ScanOptions } from './pacing/scan-options.ts'
import { assessImage } from './page-cache/assess-image.ts'
import { countImagePages } from './page-cache/count-image-pages.ts'
import { ImageReader } from './page-cache/image-reader.ts'
import type { RememberedScan } from './page-cache/remembered-scan.ts'
import { readHostFacts } from './probe/host-facts.ts'
import { requirePrivilege } from './probe/privilege.ts'

/** Needs root (CAP_SYS_PTRACE for guests' memory, CAP_SYS_ADMIN for page frames). Throws `not-permitted`, `cancelled`. */
export async function assess(options: ScanOptions, remembered: RememberedScan = {}): Promise<Assessment> {
  requirePrivilege('assess this host')
  const meter = new CostMeter()
  const at = wallClock()
  const host = await readHostFacts(options.root)
  const { guests, unreadable: leftOut } = await findGuests(options.root)
  const { images, unreadable: unlisted } = await listImages(options.root, guests)
  const excluded = new NamedImages(options.root, images, options.exclusions?.images ?? [])
  const { prepared, unreadable: unprepared } = await prepareGuests(guests, options)
  const presentPages = prepared.reduce((sum, scan) => sum + scan.presentPages, 0)
  const onRest = () => dropProgramPagesInTurn(options.root)
  const pace = new Pace({ ...options, onRest }, presentPages + countImagePages(images))
  const chunk = sharedPageChunk()
  const snapshot = await takeSnapshot(prepared, { ...options, chunk, pace }, remembered)
  try {
    // What a finished step needed makes room for the next one.
    await dropProgramPages(options.root)
    remembered.knownContents?.follow(images, presentPages)
    const reader = new ImageReader(chunk, remembered.knownContents)
    const caches = await assessImages(images, excluded, snapshot, reader, pace, options)
    await dropProgramPages(options.root)
    const ksmZeroPages = prepared.map((scan) => scan.ksmZeroPages)
    const summary = await summarizeSnapshot(snapshot.groups, ksmZeroPages, pace)
    // Its figures are all that is needed from here on.
    snapshot.groups.release()
    await dropProgramPages(options.root)
    const listed = { images, unreadable: unlisted }
    const { guests, unreadable: impossible } = await describeGuests(snapshot, summary, options, listed)
    const totals = addUp(guests, caches.images, impossible.length > 0 ? undefined : summary.mergeable.bytes)
    const beyond = checkTotals(totals, host.memTotalBytes, options.log)
    return {
      at,
      host,
      guests,
      images: caches.images,
      sharing: summarizeSharing(
        snapshot.guests.filter(({ prepared }) => guests.some(({ pid }) => pid === prepared.guest.pid)),
        summary,
      ),
      totals,
      ...describeSampling(snapshot, summary),
      cost: meter.readCost((snapshot.hashedPages + caches.hashedPages) * pageSize),
      unreadable: [
        ...leftOut,
        ...unlisted,
        ...excluded.explainUnmatched('scrub.guards.exclude'),
        ...unprepared,
        ...snapshot.unreadable,
        ...impossible,
        ...beyond,
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
): Promise<{ readonly guests: AssessedGuest[]; readonly unreadable: Unreadable[] }> {
  const governors = await explainGovernors(options.root)
  const hasImages = (pid: number) =>
    images.some(({ guests }) => guests.includes(pid)) ||
    unreadable.some(({ problem }) => problem.message.includes(` of guest ${pid}`))
  const described = guests.map((one) => {
    const { guest, isMergeable, why } = one.prepared
    return {
      ...figuresOf(one, summary),
      ...withValue({ user: guest.user }),
      why: [
        ...why,
        ...(isMergeable ? governors : []),
        ...explainExcludedGuest(guest.name, options.exclusions),
        ...explainRemoteDisks(guest, hasImages(guest.pid)),
      ],
    }
  })
  return keepPossible(described, options.log)
}

function describeSampling(
  { groups }: Snapshot,
  { mergeable }: SnapshotSummary,
): Pick<Assessment, 'sampling'> {
  const ratio = groups.records.sampledRatio
  return ratio === 1 ? {} : { sampling: { ratio, mergeableMarginBytes: mergeable.marginBytes } }
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
      const held = { groups: snapshot.groups, vouchers: vouchersFor(image, snapshot, options.exclusions) }
      const { assessed, hashedPages, cut } = await assessImage(image, held, reader, pace)
      checkImage(assessed)
      const reasons = explainExcludedImage(image, excluded)
      result.images.push({ ...assessed, why: [...assessed.why, ...reasons] })
      result.hashedPages += hashedPages
      if (cut) result.unreadable.push({ path: image.path, problem: cut })
    } catch (error) {
      if (options.signal.aborted) throw error
      const problem = systemProblem(error, `assess image ${image.label}`)
      if (problem.code === 'internal') options.log?.(problem.message)
      result.unreadable.push({ path: image.path, problem: problem.toData() })
    }
  }
  return result
}

function addUp(
  guests: readonly AssessedGuest[],
  images: readonly AssessedImage[],
  mergeableBytes = sum(guests, (guest) => guest.mergeableBytes),
): Assessment['totals'] {
  const doubleCachedBytes = sum(images, (image) => image.doubleCachedBytes)
  return {
    guestResidentBytes: sum(guests, (guest) => guest.residentBytes),
    mergeableBytes,
    mergedBytes: sum(guests, (guest) => guest.mergedBytes),
    freedZeroBytes: sum(guests, (guest) => guest.freedZeroBytes),
    imageCacheBytes: sum(images, (image) => image.residentBytes),
    doubleCachedBytes,
    heldByOthersBytes: sum(images, (image) => image.heldByOthersBytes ?? 0),
    reclaimableBytes: mergeableBytes + doubleCachedBytes,
  }
}

function sum<T>(items: readonly T[], bytesOf: (item: T) => number): number {
  return items.reduce((total, item) => total + bytesOf(item), 0)
}

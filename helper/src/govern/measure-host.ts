// Measures guests' memory once for both policies: what KSM could still free, and which cached pages guests hold.
import type { Guest } from '../guests/guests.ts'
import type { ContentGroups } from '../identical-pages/content-groups.ts'
import { sharedPageChunk } from '../identical-pages/page-hash.ts'
import { prepareGuests } from '../identical-pages/prepare-guests.ts'
import { type Snapshot, takeSnapshot } from '../identical-pages/snapshot.ts'
import { type SnapshotSummary, summarizeSnapshot } from '../identical-pages/summarize.ts'
import { pageSize } from '../kernel/libc.ts'
import { readStartTime } from '../kernel/processes.ts'
import { Pace } from '../pacing/pace.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import { ImageReader } from '../page-cache/image-reader.ts'
import { listWindows, type OpenImage } from '../page-cache/open-image.ts'
import type { CachedImage, ImageCaches } from './image-caches.ts'
import type { MeasuredGuest, MeasuredPotential } from './observe-ksm.ts'

/** Throws `cancelled`. Guests and images that end meanwhile are left out. */
export async function measureHost(
  guests: readonly Guest[],
  caches: ImageCaches,
  options: ScanOptions,
  atSeconds: number,
): Promise<MeasuredPotential> {
  const startTimes = new Map<number, string>()
  for (const { pid } of guests) {
    const startTime = await readStartTime(options.root, pid)
    if (startTime !== undefined) startTimes.set(pid, startTime)
  }
  const { prepared } = await prepareGuests(guests, options)
  // No progress is shown, so the total does not matter.
  const pace = new Pace(options, 0)
  const chunk = sharedPageChunk()
  const snapshot = await takeSnapshot(prepared, chunk, pace, options)
  try {
    options.knownContents?.follow(
      caches.list().map(({ image }) => image),
      prepared.reduce((sum, { presentPages }) => sum + presentPages, 0),
    )
    const reader = new ImageReader(chunk, options.knownContents)
    for (const cached of caches.list())
      await caches.attempt(cached, 'compare', (open) => compareImage(open, cached, snapshot, reader, pace))
    const summary = await summarizeSnapshot(
      snapshot.groups,
      prepared.map(({ ksmZeroPages }) => ksmZeroPages),
      pageSize,
      pace,
    )
    return {
      bytes: summary.mergeable.bytes,
      measuredAtSeconds: atSeconds,
      guests: measuredGuests(snapshot, summary, startTimes),
    }
  } finally {
    snapshot.groups.release()
  }
}

function measuredGuests(
  snapshot: Snapshot,
  summary: SnapshotSummary,
  startTimes: ReadonlyMap<number, string>,
) {
  const measured = new Map<number, MeasuredGuest>()
  for (const { prepared, index } of snapshot.guests) {
    const { pid } = prepared.guest
    const startTime = startTimes.get(pid)
    if (startTime === undefined) continue
    const mergeable = prepared.scan.mappings.some((mapping) => mapping.mergeable)
    const { mergeableBytes = 0, mergedBytes = 0 } = summary.guests[index] ?? {}
    measured.set(pid, { startTime, mergeable, potentialBytes: mergeableBytes, mergedBytes })
  }
  return measured
}

async function compareImage(
  open: OpenImage,
  { image, pages }: CachedImage,
  { groups, guests }: Snapshot,
  reader: ImageReader,
  pace: Pace,
): Promise<void> {
  pages.forgetHolders()
  const openers = openersOf(image.guests, guests)
  for (const window of listWindows(open)) {
    if (open.counts.of(window)?.cachedPages === 0) continue
    const first = window.start / pageSize
    const { residentPages } = reader.read(open, window, (page, lower, upper) => {
      const group = groups.find(lower, upper)
      pages.markCompared(first + page, group !== 0, group !== 0 && isHeldByAll(groups, group, openers))
    })
    if (pace.advance(residentPages)) await pace.rest(`comparing ${image.path}`)
  }
}

/** Indexes of the guests that open the image; undefined where one of them was not read. */
function openersOf(pids: readonly number[], guests: Snapshot['guests']): readonly number[] | undefined {
  const indexes = new Map(guests.map(({ prepared, index }) => [prepared.guest.pid, index]))
  const openers = pids.map((pid) => indexes.get(pid))
  return openers.every((index) => index !== undefined) ? openers : undefined
}

/** False where one is not known to hold it. */
function isHeldByAll(groups: ContentGroups, group: number, openers: readonly number[] | undefined): boolean {
  if (openers === undefined || openers.length === 0) return false
  const holders = groups.holders(group)
  return openers.every((guest) => holders.has(guest))
}

// Measures guests' memory once for both policies: what KSM could still free, and which cached pages guests hold.
import type { Guest } from '../guests/guests.ts'
import type { ContentGroups } from '../identical-pages/content-groups.ts'
import { sharedPageChunk } from '../identical-pages/page-hash.ts'
import type { Snapshot } from '../identical-pages/snapshot.ts'
import { pageSize } from '../kernel/libc.ts'
import { measurePotential } from '../ksm/measure-potential.ts'
import type { MeasuredPotential } from '../ksm/potential.ts'
import type { Pace } from '../pacing/pace.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import { ImageReader } from '../page-cache/image-reader.ts'
import { listWindows, type OpenImage } from '../page-cache/open-image.ts'
import type { CachedImage, ImageCaches } from './image-caches.ts'

/** Throws `cancelled`. Guests and images that end meanwhile are left out. */
export function measureHost(
  guests: readonly Guest[],
  caches: ImageCaches,
  options: ScanOptions,
  atSeconds: number,
): Promise<MeasuredPotential> {
  return measurePotential(guests, options, atSeconds, async (snapshot, presentPages, pace) => {
    options.knownContents?.follow(
      caches.list().map(({ image }) => image),
      presentPages,
    )
    const reader = new ImageReader(sharedPageChunk(), options.knownContents)
    for (const cached of caches.list())
      await caches.attempt(cached, 'compare', (open) => compareImage(open, cached, snapshot, reader, pace))
  })
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
    if (open.counts.countPages(window)?.cachedPages === 0) continue
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

// Measures guests' memory once for both policies: what KSM could still free, and which cached pages guests hold.
import type { Guest } from '../guests/guests.ts'
import { ImageMatch } from '../identical-pages/content-groups.ts'
import { heldBy } from '../identical-pages/records/holders.ts'
import { sharedPageChunk } from '../identical-pages/scan/page-hash.ts'
import { vouchersFor } from '../identical-pages/snapshot.ts'
import { pageSize } from '../kernel/page-size.ts'
import { measurePotential } from '../ksm/measure-potential.ts'
import type { MeasuredPotential } from '../ksm/potential.ts'
import type { Pace } from '../pacing/pace.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import { ImageReader } from '../page-cache/image-reader.ts'
import { listWindows, type OpenImage } from '../page-cache/open-image.ts'
import type { RememberedScan } from '../page-cache/remembered-scan.ts'
import type { CachedImage, ImageCaches } from './image-caches.ts'

/** Throws `cancelled`. Guests and images that end during it are left out. */
export function measureHost(
  guests: readonly Guest[],
  caches: ImageCaches,
  options: ScanOptions,
  remembered: RememberedScan,
  atSeconds: number,
): Promise<MeasuredPotential> {
  return measurePotential(guests, options, remembered, atSeconds, async (snapshot, presentPages, pace) => {
    remembered.knownContents?.follow(
      caches.list().map(({ image }) => image),
      presentPages,
    )
    const reader = new ImageReader(sharedPageChunk(), remembered.knownContents)
    for (const cached of caches.list())
      await caches.attempt(cached, 'compare', (open) => {
        const vouchers = vouchersFor(cached.image, snapshot, options.exclusions)
        return compareImage(open, cached, new ImageMatch(snapshot.groups, vouchers), reader, pace)
      })
  })
}

async function compareImage(
  open: OpenImage,
  { image, pages }: CachedImage,
  match: ImageMatch,
  reader: ImageReader,
  pace: Pace,
): Promise<void> {
  pages.beginComparing()
  for (const window of listWindows(open)) {
    if (open.counts.countPages(window)?.cachedPages === 0) continue
    const first = window.start / pageSize
    const { residentPages } = reader.readWindow(open, window, (page, lower, upper) => {
      const by = match.holderOf(lower, upper)
      pages.markCompared(first + page, by >= heldBy.opener, by === heldBy.allOpeners)
    })
    if (pace.advance(residentPages)) await pace.rest(`comparing ${image.path}`)
  }
  pages.endComparing()
}

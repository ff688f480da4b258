// What a repeat of a merged guest cannot do without: listing its present pages and reading their page-map entries.
import type { PreparedScan } from '../identical-pages/guest-ram-scan.ts'
import { PresentPages } from '../identical-pages/present-pages.ts'
import { pageSize } from '../libc.ts'
import type { ScanOptions } from '../scan-options.ts'

/** As scans have them. */
const WINDOW_BYTES = 16 * 2 ** 20

/** Returns the pages whose entries were read; looks at none. */
export function readPageMaps(prepared: readonly PreparedScan[], options: ScanOptions): number {
  return prepared.reduce((sum, guest) => sum + readPageMap(guest, options), 0)
}

function readPageMap({ scan }: PreparedScan, options: ScanOptions): number {
  const present = new PresentPages(options.root, scan.pid, options.presentBy)
  let pages = 0
  try {
    for (const { start, end } of scan.mappings)
      for (let at = start; at < end; at += WINDOW_BYTES) {
        const windowEnd = Math.min(at + WINDOW_BYTES, end)
        const runs = present.list(at, windowEnd)
        if (runs.length > 0) present.readEntries(at, (windowEnd - at) / pageSize)
        pages += runs.reduce((sum, run) => sum + run.pages, 0)
      }
    return pages
  } finally {
    present.close()
  }
}

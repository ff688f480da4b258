// What a repeat of a merged guest cannot do without: listing its present pages and reading their page-map entries.
import type { PreparedScan } from '../identical-pages/guest-ram-scan.ts'
import { PresentPages } from '../identical-pages/present-pages.ts'
import { pageSize } from '../libc.ts'
import type { ScanOptions } from '../scan-options.ts'

const WINDOW_BYTES = 32 * 2 ** 20
const PAGES_AT_ONCE = 4096

/** Returns the pages whose entries were read; looks at none. */
export function readPageMaps(prepared: readonly PreparedScan[], options: ScanOptions): number {
  return prepared.reduce((sum, guest) => sum + readPageMap(guest, options), 0)
}

function readPageMap({ scan }: PreparedScan, options: ScanOptions): number {
  const present = new PresentPages(options.root, scan.pid, options.presentBy)
  let pages = 0
  try {
    for (const { start, end } of scan.mappings)
      for (let at = start; at < end; at += WINDOW_BYTES)
        for (const run of present.list(at, Math.min(at + WINDOW_BYTES, end))) {
          for (let i = 0; i < run.pages; i += PAGES_AT_ONCE)
            present.readEntries(run.start + i * pageSize, Math.min(PAGES_AT_ONCE, run.pages - i))
          pages += run.pages
        }
    return pages
  } finally {
    present.close()
  }
}

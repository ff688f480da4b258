// What a repeat of a merged guest cannot do without: listing its present pages and reading their page-map entries.
import type { PreparedScan } from '../../../helper/src/identical-pages/scan/scan-guests.ts'
import { listWindows } from '../../../helper/src/identical-pages/scan/scan-ram.ts'
import { pageSize } from '../../../helper/src/kernel/page-size.ts'
import { PresentPages } from '../../../helper/src/kernel/present-pages.ts'
import type { ScanOptions } from '../../../helper/src/pacing/scan-options.ts'

/** Returns the pages whose entries were read; looks at none. */
export function readPageMaps(prepared: readonly PreparedScan[], options: ScanOptions): number {
  return prepared.reduce((sum, guest) => sum + readPageMap(guest, options), 0)
}

function readPageMap({ scan }: PreparedScan, options: ScanOptions): number {
  const present = new PresentPages(options.root, scan.pid, options.presentBy)
  let pages = 0
  try {
    for (const { start, end } of listWindows(scan, present)) {
      const runs = present.list(start, end)
      if (runs.length > 0) present.readEntries(start, (end - start) / pageSize)
      pages += runs.reduce((sum, run) => sum + run.pages, 0)
    }
    return pages
  } finally {
    present.close()
  }
}

// The limit that a snapshot is compared with: copies the same present pages and looks at none.

import { chunkPages } from '../../../helper/src/identical-pages/scan/page-hash.ts'
import type { PreparedScan } from '../../../helper/src/identical-pages/scan/scan-guests.ts'
import type { Buffered } from '../../../helper/src/kernel/mappings.ts'
import { pageSize } from '../../../helper/src/kernel/page-size.ts'
import { PresentPages } from '../../../helper/src/kernel/present-pages.ts'
import { IoVector, readProcessMemory } from '../../../helper/src/kernel/process-memory.ts'
import type { ScanOptions } from '../../../helper/src/pacing/scan-options.ts'

const remote = new IoVector(chunkPages)

/** Returns the pages copied. Undoes merges on the way: process_vm_readv(2) pins what it reads. */
export function copyGuests(
  prepared: readonly PreparedScan[],
  buffer: Buffered,
  options: ScanOptions,
): number {
  return prepared.reduce((sum, guest) => sum + copyGuest(guest, buffer, options), 0)
}

function copyGuest({ scan }: PreparedScan, buffer: Buffered, options: ScanOptions): number {
  const present = new PresentPages(options.root, scan.pid, options.presentBy)
  let pages = 0
  try {
    for (const mapping of scan.mappings) {
      for (const run of present.list(mapping.start, mapping.end)) {
        if (!run.kernelZero) pages += copyRun(scan.pid, run.start, run.pages, buffer)
      }
    }
    return pages + flush(scan.pid, buffer)
  } finally {
    remote.clear()
    present.close()
  }
}

let collected = 0

function copyRun(pid: number, start: number, pages: number, buffer: Buffered): number {
  let copied = 0
  let at = 0
  while (at < pages) {
    const count = Math.min(chunkPages - collected, pages - at)
    remote.addAdjoining(start + at * pageSize, count * pageSize)
    collected += count
    at += count
    if (collected === chunkPages) copied += flush(pid, buffer)
  }
  return copied
}

function flush(pid: number, buffer: Buffered): number {
  if (collected === 0) return 0
  const copied = readProcessMemory(pid, remote, buffer)
  remote.clear()
  collected = 0
  return Math.floor(copied / pageSize)
}

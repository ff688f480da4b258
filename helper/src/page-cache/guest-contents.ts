// The contents that guests hold: a set of hashes, without sites.
import type { SiteKind } from '../identical-pages/content-groups.ts'
import { HashTable } from '../identical-pages/hash-table.ts'
import type { PageSink } from '../identical-pages/scan-ram.ts'

export class GuestContents implements PageSink {
  private readonly table: HashTable
  private readonly frames = new Set<number>()
  private readonly zero: { readonly lower: number; readonly upper: number }

  constructor(expectedPages: number, zero: { readonly lower: number; readonly upper: number }) {
    this.table = new HashTable(expectedPages)
    this.zero = zero
  }

  holds(lower: number, upper: number): boolean {
    return this.table.find(lower, upper) !== 0
  }

  addPage(lower: number, upper: number, _kind: SiteKind, frame: number): void {
    this.table.add(lower, upper)
    if (frame !== 0) this.frames.add(frame)
  }

  addKnownFrame(frame: number): boolean {
    return this.frames.has(frame)
  }

  addKernelZeroPages(): void {
    this.table.add(this.zero.lower, this.zero.upper)
  }
}

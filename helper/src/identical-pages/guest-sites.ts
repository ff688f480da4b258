// The sites of one guest, recorded while it is scanned: a group and a kind for each present page.
import { type ContentGroups, type SiteKind, siteKind, ZERO_GROUP } from './content-groups.ts'
import type { MergedFrames } from './merged-frames.ts'
import type { PageSink } from './scan-ram.ts'
import { WordList } from './word-list.ts'

const KIND_SHIFT = 30
const GROUP_MASK = (1 << KIND_SHIFT) - 1

export class GuestSites implements PageSink {
  /** Pages that map the kernel's zero page: zero sites without a frame. */
  kernelZeroPages = 0
  private readonly sites: WordList
  private readonly mergedSites = new WordList(1024)
  private readonly groups: ContentGroups
  private readonly frames: MergedFrames
  private readonly guestBit: number

  constructor(groups: ContentGroups, frames: MergedFrames, guestBit: number, expectedPages: number) {
    this.groups = groups
    this.frames = frames
    this.guestBit = guestBit
    this.sites = new WordList(expectedPages)
  }

  get count(): number {
    return this.sites.length + this.kernelZeroPages
  }

  addPage(lower: number, upper: number, kind: SiteKind, frame: number): void {
    const group = this.groups.groupOf(lower, upper)
    if (kind === siteKind.merged) {
      const known = this.frames.indexOf(frame)
      if (known === undefined) this.groups.addMergedFrame(group)
      this.addMergedSite(known ?? this.frames.add(frame, group), group)
    } else {
      this.addSite(group, kind)
    }
  }

  addKnownFrame(frame: number): boolean {
    const index = this.frames.indexOf(frame)
    if (index === undefined) return false
    this.addMergedSite(index, this.frames.groupOf(index))
    return true
  }

  addKernelZeroPages(pages: number): void {
    this.kernelZeroPages += pages
    this.groups.addSites(ZERO_GROUP, siteKind.fixed, this.guestBit, pages)
  }

  groupAt(site: number): number {
    return this.sites.at(site) & GROUP_MASK
  }

  kindAt(site: number): SiteKind {
    return (this.sites.at(site) >>> KIND_SHIFT) as SiteKind
  }

  /** Without the pages that map the kernel's zero page. */
  get recorded(): number {
    return this.sites.length
  }

  zeroPages(): number {
    let zero = this.kernelZeroPages
    for (let site = 0; site < this.sites.length; site += 1) {
      if (this.groupAt(site) === ZERO_GROUP) zero += 1
    }
    return zero
  }

  /** Pages that KSM saves here: (k−1)/k for each site of a frame with k scanned sites. */
  mergedPages(): number {
    let saved = 0
    for (let i = 0; i < this.mergedSites.length; i += 1) {
      saved += 1 - 1 / this.frames.sites(this.mergedSites.at(i))
    }
    return saved
  }

  private addMergedSite(index: number, group: number): void {
    this.frames.addSite(index)
    this.mergedSites.push(index)
    this.addSite(group, siteKind.merged)
  }

  private addSite(group: number, kind: SiteKind): void {
    this.groups.addSites(group, kind, this.guestBit, 1)
    this.sites.push(((kind << KIND_SHIFT) | group) >>> 0)
  }
}

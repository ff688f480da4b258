// Sums a finished snapshot up: per guest, in total, and for pairs of guests.
import type { SharedPair } from '../../../src/shared/contract/guests.ts'
import { pageSize } from '../libc.ts'
import { type ContentGroups, MAX_SHARING_GUESTS, siteKind, ZERO_GROUP } from './content-groups.ts'
import type { GuestSites } from './guest-sites.ts'

export interface GuestSummary {
  readonly residentBytes: number
  readonly zeroBytes: number
  readonly mergedBytes: number
  readonly freedZeroBytes: number
  readonly identicalBytes: number
  readonly mergeableBytes: number
  /** Zero pages are left out: a page of zeros in guest and image says nothing of caching. */
  readonly doubleCachedBytes: number
}

/** `ksmZeroPages`: pages that KSM gave back by mapping the kernel's zero page, each saved as a whole. */
export function summarizeGuest(groups: ContentGroups, sites: GuestSites, ksmZeroPages: number): GuestSummary {
  const share = shareOutMergeable(groups, sites)
  const zeroIsShared = groups.sites(ZERO_GROUP) > 1
  let zero = sites.kernelZeroPages
  let identical = zeroIsShared ? zero : 0
  let cached = 0
  let mergeable = 0
  for (let site = 0; site < sites.recorded; site += 1) {
    const group = sites.groupAt(site)
    if (group === ZERO_GROUP) zero += 1
    else if (groups.isCached(group)) cached += 1
    if (groups.sites(group) < 2) continue
    identical += 1
    mergeable += share(site, group)
  }
  return {
    residentBytes: sites.count * pageSize,
    zeroBytes: zero * pageSize,
    mergedBytes: Math.round((sites.mergedPages() + ksmZeroPages) * pageSize),
    freedZeroBytes: Math.max(0, sites.kernelZeroPages - ksmZeroPages) * pageSize,
    identicalBytes: identical * pageSize,
    mergeableBytes: Math.round(mergeable * pageSize),
    doubleCachedBytes: cached * pageSize,
  }
}

/**
 * A group's saving belongs to the frames that would be freed: those not merged yet. Where all are merged, and
 * max_page_sharing keeps several frames, to all its sites alike (rare, and at most one page in max_page_sharing).
 */
function shareOutMergeable(groups: ContentGroups, sites: GuestSites) {
  return (site: number, group: number): number => {
    const freeable = groups.freeableFrames(group)
    if (freeable === 0) return 0
    const own = groups.ownFrames(group)
    const kind = sites.kindAt(site)
    if (own > 0) return kind === siteKind.own ? freeable / own : 0
    return kind === siteKind.merged ? freeable / groups.sites(group) : 0
  }
}

/** Exact, whatever was rounded per guest. */
export function totalMergeableBytes(groups: ContentGroups): number {
  let frames = 0
  for (let group = ZERO_GROUP; group <= groups.count; group += 1) frames += groups.freeableFrames(group)
  return frames * pageSize
}

export interface SharingGuest {
  readonly pid: number
  /** Its bit in the groups. */
  readonly index: number
  readonly sites: GuestSites
}

/** Pairs that share nothing are left out. Empty for more than 32 guests, which the groups do not tell apart. */
export function summarizeSharing(groups: ContentGroups, guests: readonly SharingGuest[]): SharedPair[] {
  if (guests.some(({ index }) => index >= MAX_SHARING_GUESTS)) return []
  return guests.flatMap((guest, at) => {
    const identical = new Float64Array(MAX_SHARING_GUESTS)
    for (const [holders, pages] of countHolders(groups, guest)) addToHolders(identical, holders, pages)
    const zeros = new Float64Array(MAX_SHARING_GUESTS)
    addToHolders(zeros, holdersFor(groups, ZERO_GROUP, guest), guest.sites.zeroPages())
    return guests.slice(at).flatMap((other) => {
      const zeroBytes = (zeros[other.index] ?? 0) * pageSize
      const identicalBytes = (identical[other.index] ?? 0) * pageSize + zeroBytes
      return identicalBytes === 0 ? [] : [{ a: guest.pid, b: other.pid, identicalBytes, zeroBytes }]
    })
  })
}

/** Sets of guests -> pages of this guest, zero pages aside, whose content just these hold. */
function countHolders(groups: ContentGroups, guest: SharingGuest): Map<number, number> {
  const counts = new Map<number, number>()
  for (let site = 0; site < guest.sites.recorded; site += 1) {
    const group = guest.sites.groupAt(site)
    if (group === ZERO_GROUP || groups.sites(group) < 2) continue
    const holders = holdersFor(groups, group, guest)
    counts.set(holders, (counts.get(holders) ?? 0) + 1)
  }
  return counts
}

/** The guest itself counts as a holder where it has the content twice. */
function holdersFor(groups: ContentGroups, group: number, guest: SharingGuest): number {
  const own = 1 << guest.index
  return (groups.holders(group) & ~own) | (groups.repeaters(group) & own)
}

function addToHolders(pages: Float64Array, holders: number, count: number): void {
  for (let guest = 0; guest < pages.length; guest += 1) {
    if ((holders & (1 << guest)) !== 0) pages[guest] = (pages[guest] ?? 0) + count
  }
}

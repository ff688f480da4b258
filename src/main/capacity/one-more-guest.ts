// What one more guest like a given one would take: its pages, what it is still expected to take, and what the host needs
// to run it. Pure.
import type {
  AssessedGuest,
  Assessment,
  Capacity,
  CapacityAnswer,
  CapacityReading,
  ReadGuest,
} from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import { add, isKnown, known, noLimit, notKnown, orNotKnown } from './answers.ts'

export interface GuestLike {
  readonly assessed: AssessedGuest
  /** Absent: it ended between the assessment and the reading. */
  readonly read: ReadGuest | undefined
  /** Whether KSM may merge any of its RAM. */
  readonly mayMerge: boolean
  readonly about: NonNullable<Capacity['like']>
}

/** Growth that was seen is taken to go on for as long again, and for so long at most. */
const horizonSeconds = 7 * 86_400
/** KSM keeps an rmap item of 64 bytes for each page that it scans. Source: mm/ksm.c. */
const rmapItemBytes = 64

/** The guest of median size where none is named. undefined: there is none, or not that one. */
export function findLike(
  guests: readonly AssessedGuest[],
  like: string | number | undefined,
): AssessedGuest | undefined {
  if (like === undefined) {
    const bySize = guests.toSorted((a, b) => a.residentBytes - b.residentBytes)
    return bySize[Math.floor((bySize.length - 1) / 2)]
  }
  return guests.find(({ pid, name }) => pid === like || name === like)
}

/** `earlier`: an assessment of the same host from before, if the workbench keeps one. */
export function describeLike(
  assessed: AssessedGuest,
  assessment: Assessment,
  reading: CapacityReading,
  earlier: Assessment | undefined,
): GuestLike {
  const read = reading.guests.find(({ pid, name }) => pid === assessed.pid && name === assessed.name)
  const { residentBytes, freedZeroBytes, identicalBytes } = assessed
  // Zero pages that the kernel maps already are neither unique nor identical to a page that takes a frame.
  const sharedBytes = Math.min(residentBytes, identicalBytes + freedZeroBytes)
  const swapped = swappedOf(read, reading)
  return {
    assessed,
    read,
    mayMerge: mayMerge(assessed),
    about: {
      pid: assessed.pid,
      name: assessed.name,
      ramBytes: assessed.ramBytes,
      residentBytes,
      uniqueBytes: residentBytes - sharedBytes,
      sharedBytes,
      hugePages: describeHugePages(assessed),
      overhead: overheadOf(assessed, read, reading.pageSize),
      swapped,
      growth: growthOf(assessed, swapped, assessment, earlier),
      balloon: balloonOf(read),
    },
  }
}

/** What keeps KSM from RAM. Of a guest of which some may be merged, the figures tell. */
const keepsFromMerging: ReadonlySet<AssessedGuest['why'][number]['code']> = new Set([
  'mem-merge-off',
  'shared-ram',
  'hugetlb-ram',
  'file-backed-ram',
])

function mayMerge({ why, mergeableBytes, mergedBytes }: AssessedGuest): boolean {
  return mergeableBytes + mergedBytes > 0 || !why.some(({ code }) => keepsFromMerging.has(code))
}

/** Without swap nothing is swapped, whether the kernel reports it or not. */
function swappedOf(read: ReadGuest | undefined, { memory }: CapacityReading): CapacityAnswer {
  if (memory.swapTotalBytes === 0) return known(0)
  if (read === undefined) return notKnown('its process has ended')
  return orNotKnown(read.swapBytes, 'this kernel does not report what of it is swapped (VmSwap)')
}

function balloonOf(read: ReadGuest | undefined): CapacityAnswer {
  if (read === undefined) return notKnown('its process has ended')
  if (read.hasNoBalloon) return noLimit('it has no balloon')
  return orNotKnown(read.balloonBytes, read.balloonNote ?? 'its monitor does not tell')
}

function describeHugePages({ why, zeroBytes }: AssessedGuest): string {
  const inHugePages = why.find(({ code }) => code === 'huge-pages')
  return inHugePages === undefined
    ? 'Its RAM lies in small pages, which merge as they are.'
    : `Its RAM lies in huge pages: until merging splits them it keeps ${formatBytes(zeroBytes)} of zeros, too.`
}

function overheadOf(
  { residentBytes, freedZeroBytes, ramBytes }: AssessedGuest,
  read: ReadGuest | undefined,
  pageSize: number,
): CapacityAnswer {
  if (read === undefined) return notKnown('its process has ended')
  if (read.pageTableBytes === undefined) return notKnown('this kernel does not report page tables (VmPTE)')
  // RSS counts a page in each place where it is mapped, and the zero page nowhere; what is more than RAM is QEMU's own.
  const ownBytes = Math.max(0, read.rssBytes - (residentBytes - freedZeroBytes))
  const rmapBytes = (ramBytes / pageSize) * rmapItemBytes
  const bytes = read.pageTableBytes + ownBytes
  return known(bytes + rmapBytes, bytes, bytes + rmapBytes)
}

/** Up to its RAM; by the growth between two assessments, where there are two. */
function growthOf(
  assessed: AssessedGuest,
  swapped: CapacityAnswer,
  assessment: Assessment,
  earlier: Assessment | undefined,
): CapacityAnswer {
  const maxBytes = maxGrowthOf(assessed, swapped)
  if (maxBytes === 0) return known(0)
  const before = earlier?.guests.find(({ pid, name }) => pid === assessed.pid && name === assessed.name)
  const elapsedSeconds = earlier === undefined ? 0 : secondsApart(earlier, assessment)
  if (before === undefined || elapsedSeconds < 60)
    return notKnown('the workbench keeps only one assessment of this guest')
  const grownBytes = Math.max(0, assessed.residentBytes - before.residentBytes)
  const expected = Math.min(maxBytes, grownBytes * Math.min(1, horizonSeconds / elapsedSeconds))
  return known(expected, 0, maxBytes)
}

/** What of its memory is neither present nor swapped. */
function maxGrowthOf(
  { ramBytes, otherBlocksBytes = 0, residentBytes }: AssessedGuest,
  swapped: CapacityAnswer,
): number {
  return Math.max(0, ramBytes + otherBlocksBytes - residentBytes - (isKnown(swapped) ? swapped.best : 0))
}

/** By the workbench's clock where both arrived there; it makes labels of growth, and no budget. */
export function secondsApart(a: Assessment, b: Assessment): number {
  return ((b.arrivedAt ?? b.at) - (a.arrivedAt ?? a.at)) / 1000
}

/**
 * Bytes of one more such guest, with what of this one is swapped now. `realised`: the share of what is identical that
 * merging really frees. Growth that is not known widens the interval, up to its RAM; for want of another part the whole
 * is not known.
 */
export function bytesOfOneMore(
  { assessed, about }: GuestLike,
  merges: boolean,
  realised: { readonly best: number; readonly low: number },
): CapacityAnswer {
  const { residentBytes, sharedBytes, swapped, growth, overhead } = about
  const grown = isKnown(growth) ? growth : known(0, 0, maxGrowthOf(assessed, swapped))
  const own = merges
    ? known(
        residentBytes - sharedBytes * realised.best,
        residentBytes - sharedBytes,
        residentBytes - sharedBytes * realised.low,
      )
    : known(residentBytes, residentBytes - assessed.freedZeroBytes, residentBytes)
  return add(add(add(own, grown), overhead), swapped)
}

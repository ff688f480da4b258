// Bounds that no figure can exceed, however guests change while they are read. A figure above its bound is a fault of ours
// or of the kernel's answers, and is reported as a Problem instead of being shown. Only totals may pass the host's memory.
import type { AssessedGuest } from '../../../src/shared/contract/guests.ts'
import type { AssessedImage } from '../../../src/shared/contract/images.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { asProblem, Problem } from '../../../src/shared/problem.ts'
import { formatBytes } from '../../../src/shared/units.ts'

export type GuestFigures = Omit<AssessedGuest, 'why'>

type Bound = readonly [figure: string, bytes: number, bound: string, atMostBytes: number]

/** Throws `internal` where a figure of a guest exceeds its memory. */
export function checkGuest(guest: GuestFigures): void {
  const { ramBytes, otherBlocksBytes = 0, residentBytes } = guest
  const memoryBytes = ramBytes + otherBlocksBytes
  check(`guest ${guest.name} (pid ${guest.pid})`, [
    ['resident', residentBytes, 'its memory', memoryBytes],
    ['zero', guest.zeroBytes, 'resident', residentBytes],
    ['freed zero', guest.freedZeroBytes, 'resident', residentBytes],
    ['identical', guest.identicalBytes, 'resident', residentBytes],
    ['mergeable', guest.mergeableBytes, 'resident', residentBytes],
    ['merged', guest.mergedBytes, 'resident', residentBytes],
    ['double cached', guest.doubleCachedBytes, 'resident', residentBytes],
  ])
}

/** Throws `internal` where more of an image is cached twice than is cached. */
export function checkImage(image: AssessedImage): void {
  const { residentBytes, doubleCachedBytes, heldByOthersBytes = 0 } = image
  check(`image ${image.path}`, [
    ['double cached and held by others', doubleCachedBytes + heldByOthersBytes, 'resident', residentBytes],
  ])
}

/** Leaves out guests with impossible figures, and lists them as unreadable. Logs each. */
export function keepPossible<T extends GuestFigures>(
  guests: readonly T[],
  log: ((line: string) => void) | undefined,
): { readonly guests: T[]; readonly unreadable: Unreadable[] } {
  const unreadable: Unreadable[] = []
  const possible = guests.filter((guest) => {
    try {
      checkGuest(guest)
      return true
    } catch (error) {
      const problem = asProblem(error)
      log?.(problem.message)
      unreadable.push({ path: `/proc/${guest.pid}`, problem: problem.toData() })
      return false
    }
  })
  return { guests: possible, unreadable }
}

export interface HostTotals {
  readonly guestResidentBytes: number
  readonly mergeableBytes: number
  readonly mergedBytes: number
  readonly freedZeroBytes: number
  readonly imageCacheBytes: number
  readonly doubleCachedBytes: number
}

/**
 * Throws `internal` where a total exceeds what it is a part of. Totals beyond the host's memory are listed as unreadable and
 * logged: guests and images are read one after the other, and memory that passes from one to another in between counts
 * for both. Merged pages share a frame and zero pages need none, so what they save is subtracted first.
 */
export function checkTotals(
  totals: HostTotals,
  memoryBytes: number,
  log: ((line: string) => void) | undefined,
): Unreadable[] {
  const { guestResidentBytes, mergedBytes, freedZeroBytes } = totals
  check('this host', [
    ['mergeable', totals.mergeableBytes, 'resident', guestResidentBytes],
    ['double cached', totals.doubleCachedBytes, 'image cache', totals.imageCacheBytes],
  ])
  try {
    check('this host at one moment', [
      ['guest memory', guestResidentBytes - mergedBytes - freedZeroBytes, 'its memory', memoryBytes],
      ['mergeable', totals.mergeableBytes, 'its memory', memoryBytes],
      ['image cache', totals.imageCacheBytes, 'its memory', memoryBytes],
    ])
    return []
  } catch (error) {
    const { code, message } = asProblem(error)
    log?.(message)
    const remedy = 'Assess again while no guest starts, ends or reads much.'
    return [{ path: '/proc/meminfo', problem: new Problem(code, message, { remedy }).toData() }]
  }
}

function check(what: string, bounds: readonly Bound[]): void {
  const broken = bounds.find(([, bytes, , atMostBytes]) => !(bytes <= atMostBytes))
  if (broken === undefined) return
  const [figure, bytes, bound, atMostBytes] = broken
  throw new Problem(
    'internal',
    `cannot assess ${what}: ${formatBytes(bytes)} ${figure} were counted, more than ${bound} (${formatBytes(atMostBytes)})`,
  )
}

// Guests that processors and storage would carry, each by itself. Pure.
import type { CapacityAnswer, CapacityReading, ReadGuest } from '../../shared/contract/index.ts'
import { formatBytes, formatRatio } from '../../shared/units.ts'
import { divide, known, noLimit, notKnown } from './answers.ts'

interface Carried {
  readonly guests: CapacityAnswer
  readonly why: string
}

/** Beyond this, whoever waits waits long. */
const busiestCpuRatio = 0.9
const busiestStorageRatio = 0.8
/** A guest that uses less is idle. */
const idleCores = 0.005
const idleBytesPerSecond = 1024

/** By what one such guest uses: while looking, and on average since it started; the higher of the two is the best guess. */
export function carriedByProcessors(reading: CapacityReading, like: ReadGuest | undefined): Carried {
  const { processors, busyCores } = reading
  const missing = missingOf(like, 'processor time')
  if (missing !== undefined) return missing
  if (busyCores === undefined)
    return unknown('this kernel does not report how busy its processors are (/proc/stat)')
  const used = rateOf(like?.cpuCores, like?.lifeCpuCores)
  if (used === undefined) return unknown('the processor time of the guest could not be read')
  const why = `${busyCores.toFixed(2)} of ${processors} cores busy, ${used.best.toFixed(2)} cores for one guest`
  if (used.best < idleCores) return { guests: noLimit('the reference guest was idle'), why }
  return { guests: divide(known(processors * busiestCpuRatio - busyCores), used, ''), why }
}

/** By its share of what all guests fetched from storage while the disks were as busy as they were. */
export function carriedByReads(reading: CapacityReading, like: ReadGuest | undefined): Carried {
  const { storage, guests } = reading
  const missing = missingOf(like, 'reads')
  if (missing !== undefined) return missing
  if (storage === undefined)
    return unknown(
      'the kernel counts no disk under the images (tmpfs, a network, a copy-on-write file system)',
    )
  const fetched = rateOf(like?.fetchedPerSecond, like?.lifeFetchedPerSecond)
  const rates = guests.map((guest) => guest.fetchedPerSecond)
  if (fetched === undefined || rates.some((rate) => rate === undefined))
    return unknown('what guests fetch from storage could not be read')
  const all = rates.reduce<number>((sum, rate) => sum + (rate ?? 0), 0)
  const why = `disks busy for ${formatRatio(storage.busyRatio)} of the time, ${formatBytes(fetched.best)} a second for one guest`
  if (all < idleBytesPerSecond || fetched.best < idleBytesPerSecond)
    return { guests: noLimit('guests fetched nothing from storage while rates were measured'), why }
  // Writes and other programs keep disks busy, too: taken as the guests', the estimate is on the safe side.
  const busyOfOne = known((fetched.best / all) * storage.busyRatio)
  return { guests: divide(known(busiestStorageRatio - storage.busyRatio), busyOfOne, 'disks are idle'), why }
}

function missingOf(like: ReadGuest | undefined, what: string): Carried | undefined {
  return like === undefined ? unknown(`${what} could not be read for any running guest`) : undefined
}

function unknown(because: string): Carried {
  return { guests: notKnown(because), why: `not known because ${because}` }
}

function rateOf(now: number | undefined, life: number | undefined) {
  const rates = [now, life].filter((rate) => rate !== undefined)
  return rates.length === 0 ? undefined : known(Math.max(...rates), Math.min(...rates))
}

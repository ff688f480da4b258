// Guests that have just been started and still fill their memory.
import type { KsmObservation } from './ksm-observation.ts'

interface YoungGuest {
  readonly residentBytes: number
  /** Its resident memory changed then: the guest takes memory, or merging frees some of it. */
  readonly changedAtSeconds: number
}

/** By process. */
export type YoungGuests = ReadonlyMap<number, YoungGuest>

/** Longer does no guest count as young. */
const youngSeconds = 60
/** A guest whose memory does not change for so long has settled: firmware and boot loaders pause, too. */
const settlesSeconds = 3
/** Looks during a burst are a second apart. */
const changesSeconds = 1.5
/** From one look to the next: less is no change. */
const changeBytes = 2 ** 20

/** Follows guests in their first minute, and forgets all others. Pure. */
export function followYoung(before: YoungGuests, { guests, atSeconds }: KsmObservation): YoungGuests {
  const young = guests.filter(({ ageSeconds }) => ageSeconds < youngSeconds)
  return new Map(
    young.map(({ pid, residentBytes }) => {
      const known = before.get(pid)
      const isSame = known !== undefined && Math.abs(residentBytes - known.residentBytes) < changeBytes
      return [pid, { residentBytes, changedAtSeconds: isSame ? known.changedAtSeconds : atSeconds }]
    }),
  )
}

export interface Booting {
  readonly name: string
  readonly isChanging: boolean
}

/**
 * Young guests that have not settled yet. Whether KSM may merge one is not known yet: QEMU offers its RAM some time after its
 * start, and what was read before would count for long. Pure.
 */
export function findBooting(
  young: YoungGuests,
  { guests, atSeconds }: KsmObservation,
  exclude: readonly string[],
): Booting[] {
  return guests.flatMap(({ pid, name }) => {
    const known = young.get(pid)
    if (known === undefined || exclude.includes(name)) return []
    const quietSeconds = atSeconds - known.changedAtSeconds
    return quietSeconds < settlesSeconds ? [{ name, isChanging: quietSeconds < changesSeconds }] : []
  })
}

// The sharing matrix of an assessment, ready to look up. Pure.
import type { AssessedGuest, Assessment, SharedPair } from '../../shared/contract/index.ts'

/** A larger matrix fits no screen, and its cells would take longer to draw than a frame. */
export const maxGuestsShown = 24

export interface Sharing {
  /** By name: all, or those that share most. */
  readonly guests: readonly AssessedGuest[]
  /** Guests share, but which ones is not known: there are more than the helper tells apart. */
  readonly isUnknown: boolean
  readonly maxBytes: number
  /** In either order. A pair that shares nothing is not listed, which is 0. */
  readonly find: (a: number, b: number) => Pick<SharedPair, 'identicalBytes' | 'zeroBytes'>
}

const nothing = { identicalBytes: 0, zeroBytes: 0 }

export function sharingOf({ guests, sharing }: Assessment): Sharing {
  const pairs = new Map(sharing.map((pair) => [keyOf(pair.a, pair.b), pair]))
  const shown = [...guests].sort((a, b) => b.identicalBytes - a.identicalBytes).slice(0, maxGuestsShown)
  return {
    guests: shown.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
    isUnknown: sharing.length === 0 && guests.some(({ identicalBytes }) => identicalBytes > 0),
    maxBytes: sharing.reduce((most, { identicalBytes }) => Math.max(most, identicalBytes), 0),
    find: (a, b) => pairs.get(keyOf(a, b)) ?? nothing,
  }
}

function keyOf(a: number, b: number): string {
  return `${Math.min(a, b)} ${Math.max(a, b)}`
}

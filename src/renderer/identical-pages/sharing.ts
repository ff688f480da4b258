// The sharing matrix of an assessment, ready to look up. Pure.
import type { AssessedGuest, Assessment, SharedPair } from '../../shared/contract/index.ts'

export interface Sharing {
  readonly guests: readonly AssessedGuest[]
  readonly mostBytes: number
  /** In either order. A pair that shares nothing is not listed, which is 0. */
  readonly find: (a: number, b: number) => Pick<SharedPair, 'identicalBytes' | 'zeroBytes'>
}

const nothing = { identicalBytes: 0, zeroBytes: 0 }

export function sharingOf({ guests, sharing }: Assessment): Sharing {
  const pairs = new Map(sharing.map((pair) => [keyOf(pair.a, pair.b), pair]))
  return {
    guests: [...guests].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
    mostBytes: Math.max(0, ...sharing.map(({ identicalBytes }) => identicalBytes)),
    find: (a, b) => pairs.get(keyOf(a, b)) ?? nothing,
  }
}

function keyOf(a: number, b: number): string {
  return `${Math.min(a, b)} ${Math.max(a, b)}`
}

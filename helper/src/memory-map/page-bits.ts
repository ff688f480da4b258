// What is known of one page of a strip, in one byte: bits, the state that counts, and the traits of an assessment. Pure.
import {
  type PageState,
  pageStates,
  pageTraits,
  type StripKind,
} from '../../../src/shared/contract/memory-map.ts'

export const pageBits = {
  /** In memory: mapped by the guest, or resident in the page cache. Without it nothing else is set. */
  present: 1,
  zero: 2,
  /** In a frame that KSM has merged. Of images: dirty. */
  mergedOrDirty: 4,
  /** Its guest holds the content twice. */
  within: 8,
  /** Another guest holds the content. Of images: only guests that do not vouch for it hold it. */
  between: 16,
  /** Of guests: cached of an image that it has open. Of images: held by a guest that vouches for it. */
  doubleCached: 32,
  /** Its content is known. */
  compared: 64,
  /** Could not be read. */
  unreadable: 128,
} as const

const indexOf = Object.fromEntries(pageStates.map((state, index) => [state, index])) as Record<
  PageState,
  number
>

function stateOf(bits: number, kind: StripKind): PageState {
  const has = (bit: number) => (bits & bit) !== 0
  if (has(pageBits.unreadable)) return 'unreadable'
  if (!has(pageBits.present)) return 'notPresent'
  if (kind === 'image' && has(pageBits.mergedOrDirty)) return 'dirty'
  if (has(pageBits.zero)) return kind === 'guest' || !has(pageBits.doubleCached) ? 'zero' : 'doubleCached'
  if (has(pageBits.mergedOrDirty)) return 'merged'
  if (!has(pageBits.compared)) return 'present'
  if (has(pageBits.doubleCached)) return 'doubleCached'
  if (has(pageBits.between)) return 'identicalBetween'
  return has(pageBits.within) ? 'identicalWithin' : 'unique'
}

function tableOf(kind: StripKind): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, bits) => indexOf[stateOf(bits, kind)])
}

/** Index into `pageStates` by the byte of a page. */
export const stateTables: Readonly<Record<StripKind, Uint8Array>> = {
  guest: tableOf('guest'),
  image: tableOf('image'),
}

/** Which of `pageTraits` the byte of a page says, a bit each in their order. */
function traitsOf(bits: number, kind: StripKind): number {
  const has = (bit: number) => (bits & bit) !== 0
  const isGuest = kind === 'guest'
  const traits = {
    zero: has(pageBits.zero),
    merged: isGuest && has(pageBits.mergedOrDirty),
    identical: isGuest && (bits & (pageBits.within | pageBits.between)) !== 0,
    doubleCached: has(pageBits.doubleCached),
    heldByOthers: !isGuest && has(pageBits.between),
    dirty: !isGuest && has(pageBits.mergedOrDirty),
  }
  return pageTraits.reduce((sum, trait, index) => sum | (traits[trait] ? 1 << index : 0), 0)
}

export const traitTables: Readonly<Record<StripKind, Uint8Array>> = {
  guest: Uint8Array.from({ length: 256 }, (_, bits) => traitsOf(bits, 'guest')),
  image: Uint8Array.from({ length: 256 }, (_, bits) => traitsOf(bits, 'image')),
}

// The contract bounds every list, and main refuses a document that has more as a whole. A host with more than that is
// told of as far as the bounds go, and what was left out is said.
import { most } from '../../../src/shared/contract/bounded.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'

interface Document {
  readonly guests?: readonly unknown[]
  readonly images?: readonly unknown[]
  readonly unreadable: readonly Unreadable[]
}

/** Pure. The same object where nothing has to go. */
export function withinBounds<T extends Document>(document: T): T {
  const { guests = [], images = [], unreadable } = document
  const said = [
    ...leftOut('guests', '/proc', guests.length - most.guests),
    ...leftOut('images', '/proc', images.length - most.images),
  ]
  const room = most.unreadable - said.length
  const more =
    unreadable.length > room ? leftOut('entries of this list', '/', unreadable.length - room + 1) : []
  if (said.length + more.length === 0) return document
  return {
    ...document,
    ...(document.guests && { guests: guests.slice(0, most.guests) }),
    ...(document.images && { images: images.slice(0, most.images) }),
    unreadable: [...unreadable.slice(0, room - more.length), ...said, ...more],
  }
}

function leftOut(what: string, path: string, count: number): Unreadable[] {
  if (count <= 0) return []
  return [
    {
      path,
      problem: new Problem('not-supported', `left out ${count} ${what}: more than can be told`).toData(),
    },
  ]
}

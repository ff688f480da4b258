// The contract bounds every list, and main refuses a document that has more as a whole, and ends the connection of a helper
// that sends a frame of more than 8 MiB. A host with more than that is told of as far as the bounds go, and what was left out
// is said. Names and paths are what guests choose: those that take most room go first.
import { most } from '../../../src/shared/contract/bounded.ts'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { maxFrameBytes } from './frames.ts'

interface Document {
  readonly guests?: readonly unknown[]
  readonly images?: readonly unknown[]
  /** Of a memory map: guests and images in one, told apart by their places. */
  readonly strips?: readonly { readonly name: string; readonly path?: string | undefined }[]
  readonly unreadable: readonly Unreadable[]
}

/** Leaves room for the head of the answer and for what is said of what was left out. */
const usualBytes = maxFrameBytes - 64 * 1024
/** Entries that are not weighed: each takes some hundred KiB at most. */
const fewEntries = 32

/** Pure. The same object where nothing has to go. */
export function withinBounds<T extends Document>(document: T, maxBytes = usualBytes): T {
  return withinBytes(withinCounts(document), maxBytes)
}

function withinCounts<T extends Document>(document: T): T {
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

function withinBytes<T extends Document>(document: T, maxBytes: number): T {
  const { guests = [], images = [], strips = [], unreadable } = document
  if (guests.length + images.length + strips.length + unreadable.length <= fewEntries) return document
  if (sizeOf(document) <= maxBytes) return document
  return dropLargest(shortenWords(document), maxBytes)
}

const wordsOfOurs: ReadonlySet<string> = new Set(['message', 'remedy', 'text'])
const shortWords = 256
const shortName = 128

/** Texts by which nothing is found again. */
function shortenWords<T extends Document>(document: T): T {
  const cut = (key: string, value: unknown) =>
    typeof value === 'string' && wordsOfOurs.has(key) ? value.slice(0, shortWords) : value
  const short: T = JSON.parse(JSON.stringify(document, cut))
  return {
    ...short,
    ...(short.strips && {
      strips: short.strips.map(({ path, ...strip }) => ({
        ...strip,
        name: strip.name.slice(0, shortName),
        ...(path !== undefined && path.length <= shortWords && { path }),
      })),
    }),
    unreadable: short.unreadable.map(({ path, problem }) => ({ path: path.slice(0, shortWords), problem })),
  }
}

const kinds = ['guests', 'images', 'unreadable'] as const

function dropLargest<T extends Document>(document: T, maxBytes: number): T {
  let over = sizeOf(document) - maxBytes
  const entries = kinds.flatMap((kind) =>
    (document[kind] ?? []).map((entry, index) => ({ kind, index, bytes: sizeOf(entry) + 1 })),
  )
  const dropped = { guests: new Set<number>(), images: new Set<number>(), unreadable: new Set<number>() }
  for (const { kind, index, bytes } of entries.sort((a, b) => b.bytes - a.bytes)) {
    if (over <= 0) break
    dropped[kind].add(index)
    over -= bytes
  }
  const kept = (kind: (typeof kinds)[number]) =>
    (document[kind] ?? []).filter((_, index) => !dropped[kind].has(index))
  const said = [
    ...leftOut('guests', '/proc', dropped.guests.size),
    ...leftOut('images', '/proc', dropped.images.size),
    ...leftOut('entries of this list', '/', dropped.unreadable.size),
  ]
  return {
    ...document,
    ...(document.guests && { guests: kept('guests') }),
    ...(document.images && { images: kept('images') }),
    unreadable: [...(kept('unreadable') as Unreadable[]).slice(0, most.unreadable - said.length), ...said],
  }
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
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

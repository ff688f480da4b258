// The memory map of a replayed host: guests' RAM and images in blocks of one state each, drawn by their numbers. Pure.
import {
  type MapCells,
  type MapStrip,
  type MapView,
  type MemoryMap,
  type PageState,
  pageStates,
  pageTraits,
} from '../../../src/shared/contract/index.ts'
import { createRandom } from '../../../src/shared/statistics/random.ts'
import { cost, gib, guestName, imageIdOf, pathOf, pidOf, type ReplayedHost } from './replayed-host.ts'

const pageSize = 4096
const blockPages = 512
/** Pages beside each other often are of one kind: so many blocks share a draw. */
const neighbours = 24
/** Of the blocks, those that differ from their neighbours. */
const strays = 0.25

type Shares = readonly (readonly [PageState, number])[]

const guestShares: Shares = [
  ['unique', 0.48],
  ['merged', 0.12],
  ['zero', 0.05],
  ['identicalBetween', 0.08],
  ['identicalWithin', 0.04],
  ['doubleCached', 0.07],
  ['notPresent', 1],
]
const imageShares: Shares = [
  ['unique', 0.2],
  ['doubleCached', 0.18],
  ['dirty', 0.03],
  ['notPresent', 1],
]

/** What map/take answers. `nth`: of the maps of this host; each differs in the strays. */
export function mapOf(host: ReplayedHost, nth: number, at: number): MemoryMap {
  const guests = Array.from({ length: host.guests }, (_, guest) => guest)
  return {
    id: `${host.index}-${nth}`,
    at,
    pageSize,
    contents: true,
    strips: [
      ...guests.map((guest) => guestStrip(host, guest, nth)),
      ...guests.map((guest) => imageStrip(host, guest, nth)),
    ],
    cost,
    unreadable: [],
  }
}

function guestStrip(host: ReplayedHost, guest: number, nth: number): MapStrip {
  const pages = (8 * gib) / pageSize
  const blocks = blocksOf(host, guest, nth)
  return {
    index: guest,
    kind: 'guest',
    pid: pidOf(guest),
    name: guestName(host, guest),
    pages,
    ...sums(blocks),
  }
}

function imageStrip(host: ReplayedHost, guest: number, nth: number): MapStrip {
  const index = host.guests + guest
  const path = pathOf(host, guest)
  const pages = (4 * gib) / pageSize
  const blocks = blocksOf(host, index, nth)
  return {
    index,
    kind: 'image',
    path,
    id: imageIdOf(host, guest),
    guests: [pidOf(guest)],
    name: `${guestName(host, guest)}.qcow2`,
    pages,
    ...sums(blocks),
  }
}

/** What map/view answers about the nth map. */
export function cellsOf(host: ReplayedHost, nth: number, { strips, cells }: MapView): MapCells {
  return {
    strips: strips.map(({ index, from, to }) => {
      const cellPages = Math.max(1, Math.ceil((to - from) / cells))
      return { index, from, to, cellPages, runs: runsOf(blocksOf(host, index, nth), { from, to, cellPages }) }
    }),
  }
}

/** The state of each block of a strip, by its place in `pageStates`. */
function blocksOf(host: ReplayedHost, index: number, nth: number): number[] {
  const isGuest = index < host.guests
  const count = ((isGuest ? 8 : 4) * gib) / pageSize / blockPages
  const shares = isGuest ? guestShares : imageShares
  const alike = createRandom(host.index * 1009 + index)
  const single = createRandom(host.index * 2003 + index * 31 + nth)
  let state = 0
  return Array.from({ length: count }, (_, block) => {
    if (block % neighbours === 0) state = draw(shares, alike.next())
    const drawn = single.next()
    return drawn < strays ? draw(shares, drawn / strays) : state
  })
}

function draw(shares: Shares, drawn: number): number {
  let sum = 0
  const found = shares.find(([, share]) => {
    sum += share
    return drawn < sum
  })
  return pageStates.indexOf(found?.[0] ?? 'notPresent')
}

function sums(blocks: readonly number[]): Pick<MapStrip, 'stateBytes' | 'traitBytes'> {
  const bytes = (...states: PageState[]) =>
    states.reduce((sum, state) => sum + blocks.filter((one) => one === pageStates.indexOf(state)).length, 0) *
    blockPages *
    pageSize
  const traits = {
    zero: bytes('zero'),
    merged: bytes('merged'),
    identical: bytes('merged', 'identicalBetween', 'identicalWithin'),
    doubleCached: bytes('doubleCached'),
    heldByOthers: 0,
    dirty: bytes('dirty'),
  }
  return {
    stateBytes: pageStates.map((state) => bytes(state)),
    traitBytes: pageTraits.map((trait) => traits[trait]),
  }
}

interface Cut {
  readonly from: number
  readonly to: number
  readonly cellPages: number
}

function runsOf(blocks: readonly number[], { from, to, cellPages }: Cut): number[] {
  const runs: { cells: number; readonly numbers: readonly number[] }[] = []
  for (let at = from; at < to; at += cellPages) {
    const numbers = numbersOf(blocks, at, Math.min(to, at + cellPages))
    const last = runs.at(-1)
    if (last?.numbers.join() === numbers.join()) last.cells += 1
    else runs.push({ cells: 1, numbers })
  }
  return runs.flatMap(({ cells, numbers }) => [cells, ...numbers])
}

/** A bit for each state that occurs in the pages, then how many pages have it. */
function numbersOf(blocks: readonly number[], from: number, to: number): number[] {
  const pages = pageStates.map(() => 0)
  for (let at = from; at < to; ) {
    const block = Math.floor(at / blockPages)
    const end = Math.min(to, (block + 1) * blockPages)
    const state = blocks[block] ?? pageStates.indexOf('notPresent')
    pages[state] = (pages[state] ?? 0) + end - at
    at = end
  }
  const mask = pages.reduce((bits, count, state) => (count > 0 ? bits | (1 << state) : bits), 0)
  return [mask, ...pages.filter((count) => count > 0)]
}

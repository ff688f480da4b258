// Compares a map of memory with what the independent program finds, strip by strip, and its cells with its totals.
import { expect } from 'vitest'
import {
  type MapStrip,
  type MemoryMap,
  mapCells,
  mapPage,
  type PageState,
  type PageTrait,
  pageStates,
  pageTraits,
} from '../../../src/shared/contract/memory-map.ts'
import type { EngineLab, Expected, ExpectedCached, MappedPages } from './engine-lab.ts'
import { expectBetween, expectClose, expectDoubleCached } from './expect-truth.ts'
import type { HelperSession } from './helper-session.ts'

const PAGE = 4096

/** Guests must be stopped; of images there may be less `after` than `before`. */
export function expectMapTruth(
  lab: EngineLab,
  map: MemoryMap,
  before: Expected,
  after: ExpectedCached,
): void {
  expect(map.unreadable).toEqual([])
  for (const guest of lab.host.guests) {
    const strip = map.strips.find(({ pid }) => pid === guest.pidInHost)
    const wanted = before.guests[guest.pid]
    if (!strip || !wanted) throw new Error(`cannot compare guest ${guest.name}: it is not on the map`)
    expect(strip.pages).toBe(wanted.ramPages)
    expectClose(presentBytes(strip), wanted.residentPages * PAGE, `${guest.name}: present`)
    expectClose(stateBytes(strip, 'zero'), wanted.zeroPages * PAGE, `${guest.name}: zero`)
    expectClose(traitBytes(strip, 'identical'), wanted.identicalPages * PAGE, `${guest.name}: identical`)
    expectDoubleCached(traitBytes(strip, 'doubleCached'), guest, [before, after])
  }
  for (const [path, wanted] of Object.entries(after.images)) {
    const strip = map.strips.find((one) => one.path === path)
    const earlier = before.images[path]
    if (!strip || !earlier) throw new Error(`cannot compare image ${path}: it is not on the map`)
    expectBetween(presentBytes(strip), [earlier.residentPages, wanted.residentPages], `${path}: resident`)
    if (stateBytes(strip, 'present') > 0) continue
    const doubles = [earlier.doubleCachedPages, wanted.doubleCachedPages] as const
    expectBetween(traitBytes(strip, 'doubleCached'), doubles, `${path}: double cached`)
    const elsewhere = [earlier.heldElsewherePages, wanted.heldElsewherePages] as const
    expectBetween(traitBytes(strip, 'heldByOthers'), elsewhere, `${path}: held by other guests`)
  }
}

/** At every resolution, down to single pages, and the page that one of them is. */
export async function expectCellsAddUp(map: MemoryMap, session: HelperSession): Promise<void> {
  for (const cells of [1, 97, 4096]) {
    const strips = map.strips.map(({ index, pages }) => ({ index, from: 0, to: pages }))
    const answer = mapCells.parse((await session.call('map/view', { map: map.id, strips, cells })).result)
    expect(JSON.stringify(answer).length).toBeLessThan(2 * 2 ** 20)
    for (const { index, runs } of answer.strips) {
      const strip = map.strips[index]
      expect(sumRuns(runs)).toEqual(strip?.stateBytes.map((bytes) => bytes / PAGE))
    }
  }
  const shared = map.strips.find((strip) => stateBytes(strip, 'identicalBetween') > 0)
  if (!shared) throw new Error('no guest shares a page with another')
  const view = { map: map.id, strips: [{ index: shared.index, from: 0, to: shared.pages }], cells: 32_768 }
  const { strips } = mapCells.parse((await session.call('map/view', view)).result)
  const page = firstOf('identicalBetween', strips[0]?.runs ?? [], strips[0]?.cellPages ?? 0)
  const found = mapPage.parse(
    (await session.call('map/page', { map: map.id, index: shared.index, page })).result,
  )
  expect(found.state).toBe('identicalBetween')
  expect(found.traits).toContain('identical')
  expect(found.sharedWith.length).toBeGreaterThan(1)
}

/** The letters of expected/map.py. */
const letters: Readonly<Record<string, PageState>> = {
  z: 'zero',
  m: 'merged',
  d: 'doubleCached',
  b: 'identicalBetween',
  w: 'identicalWithin',
  u: 'unique',
  n: 'notPresent',
}

/**
 * Guests' cells, at each resolution down to few pages, against the state of every page by the independent program. Guests must
 * be stopped; the page cache may have moved between the looks before and after. `states`: some page must be in each.
 */
export async function expectCellTruth(
  lab: EngineLab,
  map: MemoryMap,
  session: HelperSession,
  looks: readonly [MappedPages, MappedPages],
  states: readonly PageState[],
): Promise<void> {
  for (const guest of lab.host.guests) {
    const strip = map.strips.find(({ pid }) => pid === guest.pidInHost)
    const [before, after] = looks.map((look) => look[guest.pid])
    if (!strip || !before || !after)
      throw new Error(`cannot compare guest ${guest.name}: it is not on the map`)
    for (const cells of [1, 97, 8192]) {
      const view = { map: map.id, strips: [{ index: strip.index, from: 0, to: strip.pages }], cells }
      const { strips } = mapCells.parse((await session.call('map/view', view)).result)
      const { runs = [], cellPages = Number.NaN } = strips[0] ?? {}
      const off = pagesOff(runs, cellPages, [before, after])
      const bound = (presentBytes(strip) / PAGE) * 0.01
      expect(off, `${guest.name}: pages in another state, in cells of ${cellPages}`).toBeLessThanOrEqual(
        bound,
      )
    }
  }
  const found = new Set(Object.values(looks[0]).flatMap((pages) => [...new Set(pages)]))
  expect([...found].map((letter) => letters[letter])).toEqual(expect.arrayContaining([...states]))
}

/** How many pages the cells have in a state beyond what either look found there, or short of it. */
function pagesOff(runs: readonly number[], cellPages: number, looks: readonly string[]): number {
  let from = 0
  let off = 0
  for (const { cells, pages } of listRuns(runs)) {
    for (let cell = 0; cell < cells; cell += 1) {
      const [before, after] = looks.map((look) => countStates(look.slice(from, from + cellPages)))
      from += cellPages
      pages.forEach((count, state) => {
        const found = [before?.[state] ?? Number.NaN, after?.[state] ?? Number.NaN]
        off += Math.max(0, Math.min(...found) - count, count - Math.max(...found))
      })
    }
  }
  return off
}

function countStates(pages: string): number[] {
  const counts = pageStates.map(() => 0)
  for (const letter of pages) {
    const state = letters[letter]
    if (state === undefined) throw new Error(`cannot tell the state of a page: the program says "${letter}"`)
    const index = pageStates.indexOf(state)
    counts[index] = (counts[index] ?? 0) + 1
  }
  return counts
}

function presentBytes(strip: MapStrip): number {
  return strip.pages * PAGE - stateBytes(strip, 'notPresent')
}

function stateBytes(strip: MapStrip, state: PageState): number {
  return strip.stateBytes[pageStates.indexOf(state)] ?? Number.NaN
}

function traitBytes(strip: MapStrip, trait: PageTrait): number {
  return strip.traitBytes[pageTraits.indexOf(trait)] ?? Number.NaN
}

interface Run {
  /** Equal neighbours. */
  readonly cells: number
  readonly mask: number
  /** Of one cell, in the order of `pageStates`. */
  readonly pages: readonly number[]
}

function* listRuns(runs: readonly number[]): Generator<Run> {
  for (let at = 0; at < runs.length; ) {
    const [cells = 0, mask = 0] = [runs[at], runs[at + 1]]
    at += 2
    const pages = pageStates.map((_, state) => {
      if ((mask & (1 << state)) === 0) return 0
      at += 1
      return runs[at - 1] ?? Number.NaN
    })
    yield { cells, mask, pages }
  }
}

/** Pages by state over all cells of a strip. */
function sumRuns(runs: readonly number[]): number[] {
  const sums = pageStates.map(() => 0)
  for (const { cells, pages } of listRuns(runs))
    pages.forEach((count, state) => {
      sums[state] = (sums[state] ?? 0) + cells * count
    })
  return sums
}

/** The page where the first cell begins that is of this state alone. */
function firstOf(state: PageState, runs: readonly number[], cellPages: number): number {
  const wanted = 1 << pageStates.indexOf(state)
  let cell = 0
  for (const { cells, mask } of listRuns(runs)) {
    if (mask === wanted) return cell * cellPages
    cell += cells
  }
  throw new Error(`no cell is ${state} alone`)
}

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
import type { EngineLab, Expected } from './engine-lab.ts'
import { expectBetween, expectClose } from './expect-truth.ts'
import type { HelperSession } from './helper-session.ts'

const PAGE = 4096

/** Guests must be stopped; of images there may be less `after` than `before`. */
export function expectMapTruth(lab: EngineLab, map: MemoryMap, before: Expected, after: Expected): void {
  expect(map.unreadable).toEqual([])
  for (const guest of lab.host.guests) {
    const strip = map.strips.find(({ pid }) => pid === guest.pidInHost)
    const wanted = before.guests[guest.pid]
    if (!strip || !wanted) throw new Error(`cannot compare guest ${guest.name}: it is not on the map`)
    expect(strip.pages).toBe(wanted.ramPages)
    expectClose(presentBytes(strip), wanted.residentPages * PAGE, `${guest.name}: present`)
    expectClose(stateBytes(strip, 'zero'), wanted.zeroPages * PAGE, `${guest.name}: zero`)
    expectClose(traitBytes(strip, 'identical'), wanted.identicalPages * PAGE, `${guest.name}: identical`)
    const doubles = [before, after].map(({ doubleCachedPages }) => doubleCachedPages[guest.pid] ?? Number.NaN)
    expectBetween(traitBytes(strip, 'doubleCached'), doubles, `${guest.name}: double cached`)
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

function presentBytes(strip: MapStrip): number {
  return strip.pages * PAGE - stateBytes(strip, 'notPresent')
}

function stateBytes(strip: MapStrip, state: PageState): number {
  return strip.stateBytes[pageStates.indexOf(state)] ?? Number.NaN
}

function traitBytes(strip: MapStrip, trait: PageTrait): number {
  return strip.traitBytes[pageTraits.indexOf(trait)] ?? Number.NaN
}

/** Pages by state over all cells of a strip. */
function sumRuns(runs: readonly number[]): number[] {
  const sums = pageStates.map(() => 0)
  for (let at = 0; at < runs.length; ) {
    const [cells = 0, mask = 0] = [runs[at], runs[at + 1]]
    at += 2
    for (let state = 0; state < sums.length; state += 1) {
      if ((mask & (1 << state)) === 0) continue
      sums[state] = (sums[state] ?? 0) + cells * (runs[at] ?? Number.NaN)
      at += 1
    }
  }
  return sums
}

/** The page where the first cell begins that is of this state alone. */
function firstOf(state: PageState, runs: readonly number[], cellPages: number): number {
  const wanted = 1 << pageStates.indexOf(state)
  let cell = 0
  for (let at = 0; at < runs.length; ) {
    const [cells = 0, mask = 0] = [runs[at], runs[at + 1]]
    if (mask === wanted) return cell * cellPages
    cell += cells
    at += 2 + bitsOf(mask)
  }
  throw new Error(`no cell is ${state} alone`)
}

function bitsOf(mask: number): number {
  let bits = 0
  for (let left = mask; left !== 0; left &= left - 1) bits += 1
  return bits
}

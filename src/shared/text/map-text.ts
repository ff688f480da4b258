// A memory map as text: a table of bytes by state, for guests and images.
import { type MemoryMap, pageStates } from '../contract/memory-map.ts'
import { stateWords } from '../memory-map/map-words.ts'
import { formatBytes, formatSeconds } from '../units.ts'
import { tableLines } from './table.ts'
import { ownLines } from './terminal.ts'

/** States that no page has are left out. Pure. */
export function formatMap(map: MemoryMap): string {
  const rows = pageStates.flatMap((state, index) => {
    const sum = (kind: 'guest' | 'image') =>
      map.strips
        .filter((strip) => strip.kind === kind)
        .reduce((total, strip) => total + (strip.stateBytes[index] ?? 0), 0)
    const [guests, images] = [sum('guest'), sum('image')]
    return guests + images === 0 ? [] : [[stateWords[state].label, formatBytes(guests), formatBytes(images)]]
  })
  const { wallSeconds, hashedBytes } = map.cost
  const said = map.contents
    ? `compared ${formatBytes(hashedBytes)} in ${formatSeconds(wallSeconds)}`
    : `took ${formatSeconds(wallSeconds)}; contents were not compared`
  return ownLines([
    ...tableLines(['state', 'guests', 'images'], rows),
    said,
    ...map.unreadable.map(({ problem }) => problem.message),
  ])
}

// Which strips of a memory map are drawn: a picture has room for so many.
import type { MemoryMap } from '../contract/index.ts'

/** A host may list thousands: their picture would take a gigabyte, and no canvas is that high. */
const maxDrawnStrips = 512

/** The map with the strips that are drawn, guests first; the same object where these are all. Pure. */
export function drawnStrips(map: MemoryMap): MemoryMap {
  return map.strips.length <= maxDrawnStrips ? map : { ...map, strips: map.strips.slice(0, maxDrawnStrips) }
}

/** Which strips are not drawn, as a sentence; undefined: none. Pure. */
export function describeUndrawn({ strips }: MemoryMap): string | undefined {
  if (strips.length <= maxDrawnStrips) return undefined
  return `The first ${maxDrawnStrips} of ${strips.length} strips are drawn; the bytes are those of all.`
}

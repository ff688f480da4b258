// The memory map: guests' RAM and images' page cache as fields of cells, each page in one state.
import { z } from 'zod'
import { listOf, most } from './bounded.ts'
import { imageId } from './images.ts'
import { objectOf } from './object-of.ts'
import { bytes, cost, count, instant, path, pid, unreadable } from './quantity.ts'

/**
 * Of several that hold for a page, the first counts. `present`: its content was not compared. Order of the counts in runs.
 */
export const pageStates = [
  'unreadable',
  'dirty',
  'zero',
  'merged',
  'doubleCached',
  'identicalBetween',
  'identicalWithin',
  'unique',
  'present',
  'notPresent',
] as const
const pageState = z.enum(pageStates)
export type PageState = z.infer<typeof pageState>

/** What may hold for a page beside its state, as an assessment counts it. */
export const pageTraits = ['zero', 'merged', 'identical', 'doubleCached', 'heldByOthers', 'dirty'] as const
const pageTrait = z.enum(pageTraits)
export type PageTrait = z.infer<typeof pageTrait>

const mapId = z.string().min(1).max(64)
const stripIndex = count.max(most.guests + most.images)

const stripKind = z.enum(['guest', 'image'])
export type StripKind = z.infer<typeof stripKind>

/** One guest's RAM, its blocks by address, then what else of its memory KSM may merge; or one image. */
const mapStrip = objectOf(() => ({
  index: stripIndex,
  kind: stripKind,
  /** Of a guest. */
  pid: pid.optional(),
  name: z.string().max(4096),
  /** Of an image. */
  path: path.optional(),
  id: imageId.optional(),
  /** Of an image: the guests that have it open. */
  guests: listOf(pid, most.guests).optional(),
  pages: count,
  /** Bytes by state, in the order of `pageStates`; they add up to all pages. */
  stateBytes: z.array(bytes).max(pageStates.length).length(pageStates.length),
  /** Bytes by trait, in the order of `pageTraits`: as an assessment of the same moment says. */
  traitBytes: z.array(bytes).max(pageTraits.length).length(pageTraits.length),
}))
export type MapStrip = z.infer<typeof mapStrip>

export const memoryMap = objectOf(() => ({
  id: mapId,
  /** By the host's clock. */
  at: instant,
  arrivedAt: instant.optional(),
  pageSize: count,
  /** False: contents were not read, so that pages are present, merged, zero or not present. */
  contents: z.boolean(),
  strips: listOf(mapStrip, most.guests + most.images).refine(
    (strips) => strips.every(({ index }, at) => index === at),
    { message: 'their indices are not their places' },
  ),
  cost,
  unreadable: listOf(unreadable, most.unreadable),
}))
export type MemoryMap = z.infer<typeof memoryMap>

/** `contents: false` answers in seconds on a host of a TiB. Absent: contents are compared as far as memory allows. */
export const mapTaking = z.object({ contents: z.boolean().optional() })

/** Cells of one answer: it stays below 2 MiB. */
export const maxMapCells = 32_768

export const mapView = z.object({
  map: mapId,
  strips: z
    .array(z.object({ index: stripIndex, from: count, to: count }))
    .min(1)
    .max(2048),
  /** At most so many for each strip; a cell is at least one page. */
  cells: count.min(1).max(maxMapCells),
})
export type MapView = z.infer<typeof mapView>

/** Numbers of all runs of one answer. */
const maxRunNumbers = maxMapCells * (pageStates.length + 2)

const viewedStrip = objectOf(() => ({
  index: stripIndex,
  from: count,
  to: count,
  cellPages: count,
  /**
   * Runs of equal cells: how many cells, a bit for each state that occurs (in the order of `pageStates`), then the
   * pages of each of these in one cell. The last cell may be shorter.
   */
  runs: listOf(count, maxRunNumbers),
})).refine((strip) => cellsOfStrip(strip) === countCells(strip), { message: 'its runs are not its cells' })

/** Whoever draws cells makes room for as many as the numbers say: they are bounded, and the runs add up to them. */
export const mapCells = objectOf(() => ({ strips: listOf(viewedStrip, 2048) })).refine(
  ({ strips }) => strips.reduce((sum, strip) => sum + cellsOfStrip(strip), 0) <= maxMapCells,
  {
    message: `has more than ${maxMapCells} cells`,
  },
)
export type MapCells = z.infer<typeof mapCells>

interface ViewedStrip {
  readonly from: number
  readonly to: number
  readonly cellPages: number
  readonly runs: readonly number[]
}

/** How many cells its range makes. Not finite where the range makes no sense. Pure. */
export function cellsOfStrip({ from, to, cellPages }: Omit<ViewedStrip, 'runs'>): number {
  return to < from ? Number.NaN : Math.ceil((to - from) / cellPages)
}

/** By its runs; undefined: they are cut off, empty, or hold more pages than a cell has. */
function countCells({ runs, cellPages }: ViewedStrip): number | undefined {
  let cells = 0
  let at = 0
  while (at < runs.length) {
    const [length = 0, mask = 0] = [runs[at], runs[at + 1]]
    if (length === 0 || mask === 0 || mask >= 2 ** pageStates.length) return undefined
    const states = pageStates.filter((_, state) => (mask & (1 << state)) !== 0).length
    const pages = runs.slice(at + 2, at + 2 + states)
    if (pages.length < states || pages.reduce((sum, one) => sum + one, 0) > cellPages) return undefined
    cells += length
    at += 2 + states
  }
  return cells
}

export const mapPageQuery = z.object({ map: mapId, index: stripIndex, page: count })
export const mapPage = objectOf(() => ({
  state: pageState,
  traits: z.array(pageTrait).max(pageTraits.length),
  /** Strips whose pages have the same content, this one included, and how many they have. Empty: contents were not read. */
  sharedWith: listOf(z.object({ index: stripIndex, pages: count }), most.guests + most.images),
  /** The earlier map in which this page had the same content already. Absent: none that is held. */
  sameSince: instant.optional(),
}))
export type MapPage = z.infer<typeof mapPage>

// The cells of one strip as it was last asked for, ready to be drawn and asked about. Built once an answer; reading it
// allocates nothing.
import { type MapCells, pageStates } from '../../shared/contract/index.ts'
import { readRuns } from '../../shared/memory-map/map-runs.ts'

/** Rows of pixels of a strip. */
export const stripHeight = 24
const states = pageStates.length

export class StripCells {
  readonly from: number
  readonly to: number
  readonly cellPages: number
  readonly cells: number
  /** Of each cell, from top to bottom: the state of each row of pixels. */
  readonly #rows: Uint8Array
  readonly #counts: Uint32Array

  constructor({ from, to, cellPages, runs }: MapCells['strips'][number]) {
    this.from = from
    this.to = to
    this.cellPages = cellPages
    this.cells = Math.max(0, Math.ceil((to - from) / cellPages))
    this.#rows = new Uint8Array(this.cells * stripHeight)
    this.#counts = new Uint32Array(this.cells * states)
    readRuns(runs, (first, length, pages) => {
      const end = Math.min(first + length, this.cells)
      for (let cell = first; cell < end; cell += 1) this.#fill(cell, pages)
    })
  }

  #fill(cell: number, pages: Uint32Array): void {
    let total = 0
    for (let state = 0; state < states; state += 1) total += pages[state] as number
    const end = cell * stripHeight + stripHeight
    let at = cell * stripHeight
    let sum = 0
    for (let state = 0; state < states; state += 1) {
      const count = pages[state] as number
      this.#counts[cell * states + state] = count
      if (count === 0) continue
      sum += count
      // What is there at all is seen: a row of its own, as long as there is one.
      const until = Math.min(
        end,
        Math.max(at + 1, cell * stripHeight + Math.round((sum / total) * stripHeight)),
      )
      while (at < until) {
        this.#rows[at] = state
        at += 1
      }
    }
    const last = at > cell * stripHeight ? (this.#rows[at - 1] as number) : states - 1
    while (at < end) {
      this.#rows[at] = last
      at += 1
    }
  }

  /** -1 outside. */
  cellAt(page: number): number {
    return page < this.from || page >= this.to ? -1 : Math.floor((page - this.from) / this.cellPages)
  }

  stateAt(cell: number, row: number): number {
    return this.#rows[cell * stripHeight + row] as number
  }

  /** Pages of a state in a cell. */
  pagesOf(cell: number, state: number): number {
    return this.#counts[cell * states + state] ?? 0
  }
}

/**
 * Writes one strip into 32-bit pixels, `width` to a line, from line `top` on. `colors`: by state; `blank`: where nothing is
 * known yet. Pixels from `x` to before `end`.
 */
export function drawStrip(
  pixels: Uint32Array,
  width: number,
  top: number,
  strip: StripCells,
  shown: { readonly from: number; readonly to: number },
  colors: Uint32Array,
  blank: number,
  x: number,
  end: number,
): void {
  const scale = (shown.to - shown.from) / width
  for (let column = x; column < end; column += 1) {
    const cell = strip.cellAt(Math.floor(shown.from + column * scale))
    for (let row = 0; row < stripHeight; row += 1) {
      const color = cell < 0 ? blank : (colors[strip.stateAt(cell, row)] as number)
      pixels[(top + row) * width + column] = color
    }
  }
}

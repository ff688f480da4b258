// Draws a memory map as pixels: a strip of cells for each guest and image, with its name, and the legend with its bytes.
import { type MapCells, type MemoryMap, pageStates } from '../../shared/contract/index.ts'
import { mainState, readRuns } from '../../shared/memory-map/map-runs.ts'
import { stateWords } from '../../shared/memory-map/map-words.ts'
import { formatBytes } from '../../shared/units.ts'
import type { Picture } from './picture.ts'
import { drawText, glyphHeight, textWidth } from './pixel-text.ts'

export const pictureCells = 8192
const columns = 512
const cellSize = 2
const width = columns * cellSize + 32
const margin = 16
const ink = [0x1b, 0x20, 0x27] as const
const rowHeight = glyphHeight + 6

/** Cells run from left to right, 512 in a line; a strip is as high as it has lines. Pure. */
export function drawMap(map: MemoryMap, cells: MapCells, title: string): Picture {
  const strips = cells.strips.map((strip) => ({ ...strip, about: map.strips[strip.index] }))
  const linesOf = (strip: MapCells['strips'][number]) =>
    Math.max(1, Math.ceil((strip.to - strip.from) / strip.cellPages / columns))
  const legend = legendOf(map)
  const height =
    margin * 2 +
    rowHeight * (1 + legend.length) +
    strips.reduce((sum, strip) => sum + rowHeight + linesOf(strip) * cellSize + 6, 0)
  const picture = { width, height, pixels: new Uint8Array(width * height * 3).fill(255) }
  drawText(picture, title, margin, margin, ink)
  let top = margin + rowHeight
  for (const { text, color } of legend) {
    fill(picture, margin, top, glyphHeight, glyphHeight, color)
    drawText(picture, text, margin + glyphHeight + 6, top, ink)
    top += rowHeight
  }
  for (const strip of strips) {
    drawText(picture, describeStrip(strip.about, strip.cellPages * map.pageSize), margin, top, ink)
    top += rowHeight
    drawCells(picture, strip.runs, top)
    top += linesOf(strip) * cellSize + 6
  }
  return picture
}

function legendOf(map: MemoryMap): { text: string; color: readonly [number, number, number] }[] {
  return pageStates.flatMap((state, index) => {
    const bytes = map.strips.reduce((sum, strip) => sum + (strip.stateBytes[index] ?? 0), 0)
    const { label, light } = stateWords[state]
    return bytes === 0 ? [] : [{ text: `${label}: ${formatBytes(bytes)}`, color: toRgb(light) }]
  })
}

function describeStrip(strip: MemoryMap['strips'][number] | undefined, cellBytes: number): string {
  if (!strip) return ''
  const room = width - margin * 2
  const text = `${strip.kind} ${strip.name}, ${formatBytes(cellBytes)} a cell`
  return textWidth(text) <= room ? text : `${text.slice(0, Math.floor(room / textWidth('x')) - 1)}.`
}

const colors = pageStates.map((state) => toRgb(stateWords[state].light))

function drawCells(picture: Picture, runs: readonly number[], top: number): void {
  readRuns(runs, (first, cells, pages) => {
    const color = colors[mainState(pages)] ?? ink
    for (let cell = first; cell < first + cells; cell += 1) {
      const x = margin + (cell % columns) * cellSize
      const y = top + Math.floor(cell / columns) * cellSize
      if (y + cellSize <= picture.height) fill(picture, x, y, cellSize, cellSize, color)
    }
  })
}

function fill(
  { width: across, pixels }: Picture,
  x: number,
  y: number,
  wide: number,
  high: number,
  [red, green, blue]: readonly [number, number, number],
): void {
  for (let row = y; row < y + high; row += 1) {
    for (let column = x; column < x + wide; column += 1) {
      const at = (row * across + column) * 3
      pixels[at] = red
      pixels[at + 1] = green
      pixels[at + 2] = blue
    }
  }
}

function toRgb(color: string): readonly [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

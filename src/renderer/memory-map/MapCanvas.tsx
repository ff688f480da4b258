// Draws the strips. Pixels are written into one array that is kept, so that drawing allocates nothing for a cell.
import { type PointerEvent, useEffect, useMemo, useRef } from 'react'
import { type MapStrip, type MemoryMap, pageStates } from '../../shared/contract/index.ts'
import { stateWords } from '../../shared/memory-map/map-words.ts'
import { type MapWindow, pagesIn } from './map-window.ts'
import classes from './memory-map.module.css'
import type { Place } from './PlaceWords.tsx'
import { drawStrip, type StripCells, stripHeight } from './strip-cells.ts'

interface MapCanvasProps {
  readonly map: MemoryMap
  readonly before: MemoryMap | undefined
  readonly cells: ReadonlyMap<number, StripCells>
  readonly old: ReadonlyMap<number, StripCells>
  readonly split: number
  readonly window: MapWindow
  readonly place: Place
  readonly dark: boolean
  readonly columns: number
  readonly onPlace: (place: Place) => void
  readonly onMove: (by: number) => void
}

/** A strip, its name above it and the gap below it. */
const nameHeight = 18
const rowHeight = nameHeight + stripHeight + 6

export function MapCanvas(props: MapCanvasProps) {
  const { map, columns, dark, place, onPlace, onMove } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const height = map.strips.length * rowHeight
  const image = useMemo(() => new ImageData(columns, Math.max(1, height)), [columns, height])
  const colors = useMemo(() => colorsOf(dark), [dark])
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context) return
    const frame = requestAnimationFrame(() => {
      drawAll(new Uint32Array(image.data.buffer), props, colors)
      context.putImageData(image, 0, 0)
    })
    return () => cancelAnimationFrame(frame)
  })
  const dragged = useRef<number>(undefined)
  const placeAt = ({ clientX, clientY, currentTarget }: PointerEvent): Place => {
    const { left, top, width, height: high } = currentTarget.getBoundingClientRect()
    const strip = Math.floor(((clientY - top) / Math.max(1, high)) * map.strips.length)
    const share = Math.min(1 - 1e-9, Math.max(0, (clientX - left) / Math.max(1, width)))
    return { strip: Math.min(map.strips.length - 1, Math.max(0, strip)), share }
  }
  return (
    <div className={classes.stack}>
      <canvas
        ref={canvas}
        width={columns}
        height={height}
        className={classes.canvas}
        aria-hidden
        data-testid="map-canvas"
        onPointerDown={(event) => {
          dragged.current = event.clientX
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerUp={() => {
          dragged.current = undefined
        }}
        onPointerMove={(event) => {
          onPlace(placeAt(event))
          if (dragged.current === undefined || event.pointerType === 'touch') return
          onMove((dragged.current - event.clientX) / Math.max(1, event.currentTarget.clientWidth))
          dragged.current = event.clientX
        }}
      />
      <Names map={map} place={place} height={height} />
    </div>
  )
}

function Names({ map, place, height }: Pick<MapCanvasProps, 'map' | 'place'> & { readonly height: number }) {
  return (
    <div className={classes.names} aria-hidden>
      {map.strips.map((strip) => (
        <span key={strip.index} style={{ top: `${((strip.index * rowHeight) / height) * 100}%` }}>
          {strip.kind} {strip.name}
        </span>
      ))}
      <i
        className={classes.cursor}
        style={{
          left: `${place.share * 100}%`,
          top: `${((place.strip * rowHeight + nameHeight) / height) * 100}%`,
          height: `${(stripHeight / height) * 100}%`,
        }}
      />
    </div>
  )
}

interface Colors {
  readonly states: Uint32Array
  readonly blank: number
}

function colorsOf(dark: boolean): Colors {
  const pixel = (hex: string) => {
    const value = Number.parseInt(hex.slice(1), 16)
    // Little-endian: alpha, blue, green, red from the highest byte on.
    return ((255 << 24) | ((value & 255) << 16) | (value & 0xff00) | (value >> 16)) >>> 0
  }
  return {
    states: Uint32Array.from(pageStates, (state) => pixel(stateWords[state][dark ? 'dark' : 'light'])),
    blank: pixel(dark ? '#1a1e25' : '#ffffff'),
  }
}

function drawAll(pixels: Uint32Array, props: MapCanvasProps, { states, blank }: Colors): void {
  const { map, before, cells, old, split, window, columns } = props
  pixels.fill(0)
  const divide = Math.round(split * columns)
  for (const strip of map.strips) {
    const top = strip.index * rowHeight + nameHeight
    const shown = pagesIn(window, strip.pages)
    const drawn = cells.get(strip.index)
    if (drawn) drawStrip(pixels, columns, top, drawn, shown, states, blank, divide, columns)
    const earlier = before?.strips.find((one) => isSame(one, strip))
    const drawnEarlier = earlier && old.get(earlier.index)
    if (earlier && drawnEarlier) {
      drawStrip(pixels, columns, top, drawnEarlier, pagesIn(window, earlier.pages), states, blank, 0, divide)
    }
  }
}

function isSame(a: MapStrip, b: MapStrip): boolean {
  return a.kind === b.kind && a.pid === b.pid && a.id === b.id
}

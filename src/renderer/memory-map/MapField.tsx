// The field of cells: a strip for each guest and image. Wheel, pinch, drag and keys zoom and move; what is under the pointer
// or the cursor is said in words.
import { useComputedColorScheme } from '@mantine/core'
import { useMemo, useRef, useState } from 'react'
import type { MemoryMap } from '../../shared/contract/index.ts'
import { describeUndrawn, drawnStrips } from '../../shared/memory-map/drawn-strips.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import { MapCanvas } from './MapCanvas.tsx'
import { type MapWindow, moved, wholeMap, zoomed } from './map-window.ts'
import classes from './memory-map.module.css'
import { type Place, PlaceWords } from './PlaceWords.tsx'
import { useCells } from './use-cells.ts'
import { useWheelZoom } from './use-wheel-zoom.ts'

interface MapFieldProps {
  readonly hostId: string
  readonly map: MemoryMap
  readonly before: MemoryMap | undefined
  /** Share of the width that shows the map before. */
  readonly split: number
}

const columns = 960
const zoomStep = 1.5
const cursorStep = 1 / 48

interface KeyAct {
  readonly strip?: number
  readonly share?: number
  readonly zoomBy?: number
  readonly moveBy?: number
}

const keyActs: Readonly<Record<string, KeyAct>> = {
  '+': { zoomBy: zoomStep },
  '=': { zoomBy: zoomStep },
  '-': { zoomBy: 1 / zoomStep },
  Home: {},
  PageDown: { moveBy: 0.5 },
  PageUp: { moveBy: -0.5 },
  ArrowRight: { share: cursorStep },
  ArrowLeft: { share: -cursorStep },
  ArrowDown: { strip: 1 },
  ArrowUp: { strip: -1 },
}

export function MapField({ map: whole, before: wholeBefore, ...props }: MapFieldProps) {
  const map = useMemo(() => drawnStrips(whole), [whole])
  const before = useMemo(() => wholeBefore && drawnStrips(wholeBefore), [wholeBefore])
  const undrawn = describeUndrawn(whole)
  return (
    <>
      {undrawn && <p className={classes.hint}>{undrawn}</p>}
      <DrawnField {...props} map={map} before={before} />
    </>
  )
}

function DrawnField({ hostId, map, before, split }: MapFieldProps) {
  const scheme = useComputedColorScheme('light')
  const [window, setWindow] = useState<MapWindow>(wholeMap)
  const [place, setPlace] = useState<Place>({ strip: 0, share: 0 })
  const field = useRef<HTMLDivElement>(null)
  const minWidth = useMemo(() => 24 / Math.max(24, ...map.strips.map(({ pages }) => pages)), [map])
  const zoom = (factor: number, center: number) =>
    setWindow((shown) => zoomed(shown, factor, center, minWidth))
  useWheelZoom(field, zoom, (by) => setWindow((shown) => moved(shown, by)))
  const { cells, problem } = useCells(hostId, map, window, columns)
  const old = useCells(hostId, split > 0 ? before : undefined, window, columns)
  const onKey = (key: string): boolean => {
    const act = keyActs[key]
    if (!act) return false
    const { strip, share, zoomBy, moveBy } = act
    if (zoomBy !== undefined) zoom(zoomBy, place.share)
    if (moveBy !== undefined) setWindow((shown) => moved(shown, moveBy))
    if (key === 'Home') setWindow(wholeMap)
    setPlace((at) => ({
      strip: Math.min(map.strips.length - 1, Math.max(0, at.strip + (strip ?? 0))),
      share: Math.min(1 - 1e-9, Math.max(0, at.share + (share ?? 0))),
    }))
    return true
  }
  return (
    <>
      {problem && <ProblemNotice problem={problem} attempt="Show the map" />}
      <PlaceWords hostId={hostId} map={map} cells={cells} window={window} place={place} />
      <div
        ref={field}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the same
        tabIndex={0}
        className={classes.field}
        aria-label="Memory map. Arrow keys move the cursor, plus and minus zoom, Page Up and Page Down move the view, Home shows all."
        data-testid="map-field"
        data-from={window.from}
        data-to={window.to}
        onKeyDown={(event) => {
          if (onKey(event.key)) event.preventDefault()
        }}
      >
        <MapCanvas
          map={map}
          before={before}
          cells={cells}
          old={old.cells}
          split={split}
          window={window}
          place={place}
          dark={scheme === 'dark'}
          columns={columns}
          onPlace={setPlace}
          onMove={(by) => setWindow((shown) => moved(shown, by))}
        />
      </div>
    </>
  )
}

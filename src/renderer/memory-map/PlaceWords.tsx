// What is under the pointer or the cursor, in words: the states of the cell, and of a single page with whom it is shared and
// since when.
import { useEffect, useState } from 'react'
import { type MapPage, type MemoryMap, pageStates, shownTime } from '../../shared/contract/index.ts'
import { stateWords, traitWords } from '../../shared/memory-map/map-words.ts'
import { formatBytes, formatCount } from '../../shared/units.ts'
import { useStore } from '../store/use-fleet.ts'
import { formatMoment } from '../ui/moments.ts'
import { type MapWindow, pagesIn } from './map-window.ts'
import classes from './memory-map.module.css'
import type { StripCells } from './strip-cells.ts'

/** Of the strips by their index, and of the width. */
export interface Place {
  readonly strip: number
  readonly share: number
}

interface PlaceWordsProps {
  readonly hostId: string
  readonly map: MemoryMap
  readonly cells: ReadonlyMap<number, StripCells>
  readonly window: MapWindow
  readonly place: Place
}

export function PlaceWords({ hostId, map, cells, window, place }: PlaceWordsProps) {
  const strip = map.strips[place.strip]
  const shown = strip && cells.get(strip.index)
  const range = strip && pagesIn(window, strip.pages)
  const page = range ? Math.floor(range.from + place.share * (range.to - range.from)) : 0
  const cell = shown?.cellAt(page) ?? -1
  const single = shown !== undefined && shown.cellPages === 1 && cell >= 0
  const detail = usePage(hostId, map, strip?.index, single ? page : undefined)
  if (!strip) return null
  const parts =
    shown && cell >= 0
      ? pageStates.flatMap((state, index) => {
          const pages = shown.pagesOf(cell, index)
          return pages === 0 ? [] : [`${stateWords[state].label} ${formatBytes(pages * map.pageSize)}`]
        })
      : []
  return (
    <p className={classes.place} aria-live="polite" data-testid="map-place">
      <b>
        {strip.kind} {strip.name}
      </b>
      , {single ? `page ${formatCount(page)}` : `from page ${formatCount(page)}`} at{' '}
      {formatBytes(page * map.pageSize)}: {parts.length > 0 ? parts.join(', ') : 'not asked for yet'}
      {detail && <PageDetail detail={detail} map={map} />}
    </p>
  )
}

function PageDetail({ detail, map }: { readonly detail: MapPage; readonly map: MemoryMap }) {
  // The helper tells it by its own clock, as it does the time of this map.
  const ahead = shownTime(map) - map.at
  const traits = detail.traits.map((trait) => traitWords[trait])
  const others = detail.sharedWith.map(
    ({ index, pages }) =>
      `${map.strips[index]?.name ?? index} (${formatCount(pages)} ${pages === 1 ? 'page' : 'pages'})`,
  )
  return (
    <>
      {traits.length > 0 && `; ${traits.join(', ')}`}
      {others.length > 0 && `; this content is in ${others.join(', ')}`}
      {detail.sameSince !== undefined &&
        `; the same since the map of ${formatMoment(detail.sameSince + ahead)}`}
    </>
  )
}

const restMs = 120

/** Asked for once the place rests for a moment; undefined until it is answered. */
function usePage(hostId: string, map: MemoryMap, index: number | undefined, page: number | undefined) {
  const store = useStore()
  const [answer, setAnswer] = useState<{ readonly key: string; readonly detail: MapPage }>()
  const key = `${map.id} ${index} ${page}`
  useEffect(() => {
    if (index === undefined || page === undefined) return
    const leaving = new AbortController()
    const timer = setTimeout(() => {
      store
        .call('map/page', { hostId, map: map.id, index, page }, { signal: leaving.signal, timeoutMs: 10_000 })
        .then(
          (detail) => setAnswer({ key: `${map.id} ${index} ${page}`, detail }),
          // The strip says what failed when it is asked for the next time.
          () => undefined,
        )
    }, restMs)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [store, hostId, map, index, page])
  return answer?.key === key ? answer.detail : undefined
}

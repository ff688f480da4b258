// The cells of all strips for the window that is shown, asked for once it rests for a moment.
import { useEffect, useState } from 'react'
import { type MemoryMap, maxMapCells } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { useStore } from '../store/use-fleet.ts'
import { type MapWindow, pagesIn } from './map-window.ts'
import { StripCells } from './strip-cells.ts'

export interface ShownCells {
  /** By the index of the strip. */
  readonly cells: ReadonlyMap<number, StripCells>
  readonly problem?: ProblemData | undefined
}

const nothing: ShownCells = { cells: new Map() }
const restMs = 60
const answerWithinMs = 20_000

/** None until they are known of this map: strips of another have other indexes. */
export function useCells(
  hostId: string,
  map: MemoryMap | undefined,
  window: MapWindow,
  columns: number,
): ShownCells {
  const store = useStore()
  const [shown, setShown] = useState<ShownCells & { readonly map: string }>()
  useEffect(() => {
    if (!map || columns === 0) return
    const leaving = new AbortController()
    const ask = async () => {
      try {
        const cells = new Map<number, StripCells>()
        const atOnce = Math.max(1, Math.floor(maxMapCells / columns))
        for (let at = 0; at < map.strips.length; at += atOnce) {
          const strips = map.strips
            .slice(at, at + atOnce)
            .map(({ index, pages }) => ({ index, ...pagesIn(window, pages) }))
          const options = { signal: leaving.signal, timeoutMs: answerWithinMs }
          const answer = await store.call(
            'map/view',
            { hostId, map: map.id, strips, cells: columns },
            options,
          )
          for (const strip of answer.strips) cells.set(strip.index, new StripCells(strip))
        }
        setShown({ map: map.id, cells })
      } catch (error) {
        if (leaving.signal.aborted) return
        const problem = asProblem(error).toData()
        setShown((before) => ({ ...(before?.map === map.id ? before : nothing), map: map.id, problem }))
      }
    }
    const timer = setTimeout(() => void ask(), restMs)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [store, hostId, map, window, columns])
  return shown !== undefined && shown.map === map?.id ? shown : nothing
}

// The states with their bytes, which add up to all pages, beside what the assessment says of the same quantities.
import { type Assessment, type MemoryMap, pageStates, shownTime } from '../../shared/contract/index.ts'
import { stateWords } from '../../shared/memory-map/map-words.ts'
import { formatBytes } from '../../shared/units.ts'
import { formatMoment } from '../ui/moments.ts'
import classes from './memory-map.module.css'

interface MapLegendProps {
  readonly map: MemoryMap
  readonly assessment: Assessment | undefined
}

const kinds = [
  { kind: 'guest', title: 'Guests’ RAM', assessed: 'guestResidentBytes' },
  { kind: 'image', title: 'Images’ cache', assessed: 'imageCacheBytes' },
] as const
const absent = pageStates.indexOf('notPresent')

export function MapLegend({ map, assessment }: MapLegendProps) {
  return (
    <table className={classes.legend} data-testid="map-legend">
      <thead>
        <tr>
          <td />
          {pageStates.map((state) => (
            <th key={state} scope="col" title={stateWords[state].about}>
              <i className={classes.swatch} data-state={state} />
              {stateWords[state].label}
            </th>
          ))}
          <th scope="col">In memory</th>
          {assessment && <th scope="col">Assessed {formatMoment(shownTime(assessment))}</th>}
        </tr>
      </thead>
      <tbody>
        {kinds.map(({ kind, title, assessed }) => {
          const bytes = sumsOf(map, kind)
          const present = bytes.reduce((sum, one, state) => (state === absent ? sum : sum + one), 0)
          return (
            <tr key={kind} data-kind={kind}>
              <th scope="row">{title}</th>
              {pageStates.map((state, index) => (
                <td key={state} data-state={state} data-bytes={bytes[index]}>
                  {formatBytes(bytes[index] ?? 0)}
                </td>
              ))}
              <td data-state="sum" data-bytes={present}>
                <b>{formatBytes(present)}</b>
              </td>
              {assessment && <td>{formatBytes(assessment.totals[assessed])}</td>}
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function sumsOf({ strips }: MemoryMap, kind: 'guest' | 'image'): number[] {
  const those = strips.filter((strip) => strip.kind === kind)
  return pageStates.map((_, state) => those.reduce((sum, strip) => sum + (strip.stateBytes[state] ?? 0), 0))
}

// The states with their bytes, which add up to all pages, beside what the assessment says of the same quantities.
import { type Assessment, type MemoryMap, pageStates, shownTime } from '../../shared/contract/index.ts'
import { stateWords } from '../../shared/map-words.ts'
import { formatBytes } from '../../shared/units.ts'
import { formatMoment } from '../ui/moments.ts'
import classes from './memory-map.module.css'

interface MapLegendProps {
  readonly map: MemoryMap
  readonly assessment: Assessment | undefined
}

export function MapLegend({ map, assessment }: MapLegendProps) {
  const absent = pageStates.indexOf('notPresent')
  const sums = (kind: 'guest' | 'image') =>
    pageStates.map((_, state) =>
      map.strips
        .filter((strip) => strip.kind === kind)
        .reduce((sum, strip) => sum + (strip.stateBytes[state] ?? 0), 0),
    )
  const [guests, images] = [sums('guest'), sums('image')]
  const present = (bytes: readonly number[]) =>
    bytes.reduce((sum, one, state) => (state === absent ? sum : sum + one), 0)
  return (
    <table className={classes.legend} data-testid="map-legend">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Guests’ RAM</th>
          <th scope="col">Images’ cache</th>
        </tr>
      </thead>
      <tbody>
        {pageStates.map((state, index) => (
          <tr key={state} title={stateWords[state].about} data-state={state}>
            <th scope="row">
              <i className={classes.swatch} data-state={state} /> {stateWords[state].label}
            </th>
            <td data-bytes={guests[index]}>{formatBytes(guests[index] ?? 0)}</td>
            <td data-bytes={images[index]}>{formatBytes(images[index] ?? 0)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr data-state="sum">
          <th scope="row">In memory</th>
          <td data-bytes={present(guests)}>{formatBytes(present(guests))}</td>
          <td data-bytes={present(images)}>{formatBytes(present(images))}</td>
        </tr>
        {assessment && (
          <tr>
            <th scope="row">Assessed {formatMoment(shownTime(assessment))}</th>
            <td>{formatBytes(assessment.totals.guestResidentBytes)}</td>
            <td>{formatBytes(assessment.totals.imageCacheBytes)}</td>
          </tr>
        )}
      </tfoot>
    </table>
  )
}

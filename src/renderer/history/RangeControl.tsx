import { SegmentedControl } from '@mantine/core'
import { linkTo, type Route, showInstead } from '../model/route.ts'
import { HistoryExport } from './HistoryExport.tsx'
import { type RangeChoice, type RangeId, ranges, withChoice } from './ranges.ts'

interface RangeControlProps {
  readonly route: Route
  readonly choice: RangeChoice
}

/** The range is part of the address: it stays when the page is opened again, and goes along to other tabs. */
export function RangeControl({ route, choice }: RangeControlProps) {
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="Time range"
        transitionDuration={0}
        data={ranges.map(({ id, label }) => ({ value: id, label }))}
        value={typeof choice === 'string' ? choice : ''}
        onChange={(id) => showChoice(route, id as RangeId)}
      />
      <HistoryExport hostId={route.hostId} choice={choice} />
    </>
  )
}

function showChoice(route: Route, choice: RangeChoice): void {
  showInstead(linkTo(route.page, { ...route, query: withChoice(route.query, choice) }))
}

import { HostCharts } from '../history/HostCharts.tsx'
import { HostFacts } from './HostFacts.tsx'
import type { HostTabProps } from './tab-props.ts'

/** The host at a glance: fits a window of 1280 × 800. */
export function OverviewTab({ view, route }: HostTabProps) {
  return (
    <>
      <HostFacts view={view} />
      <HostCharts route={route} charts={['memory', 'cache', 'hits', 'cpu']} height={118} />
    </>
  )
}

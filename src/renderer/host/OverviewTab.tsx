import { HostCharts } from '../history/HostCharts.tsx'
import { HostFacts } from './HostFacts.tsx'
import { LoadFacts } from './LoadFacts.tsx'
import { MemoryParts } from './MemoryParts.tsx'
import type { HostTabProps } from './tab-props.ts'

/** The host at a glance: fits a window of 1280 × 800. */
export function OverviewTab({ view, route }: HostTabProps) {
  return (
    <>
      <HostFacts view={view} />
      <MemoryParts view={view} />
      <LoadFacts view={view} />
      <HostCharts route={route} charts={['memory', 'cache', 'reads']} height={112} inOneRow />
    </>
  )
}

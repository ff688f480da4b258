import { GuestTable } from '../guests/GuestTable.tsx'
import { HostCharts } from '../history/HostCharts.tsx'
import { HostFacts } from './HostFacts.tsx'
import type { HostTabProps } from './tab-props.ts'

const shown = ['fact-merged', 'fact-reclaimable', 'fact-cpu']

/** What is merged, what that costs, and which guests take part. */
export function KsmTab({ view, route }: HostTabProps) {
  return (
    <>
      <HostFacts view={view} shown={shown} />
      <HostCharts route={route} charts={['merging', 'ksm', 'breaks', 'cpu', 'anonymous']} />
      <GuestTable view={view} subject="ksm" />
    </>
  )
}

import { GuestTable } from '../guests/GuestTable.tsx'
import { HostCharts } from '../history/HostCharts.tsx'
import { SharingMatrix } from '../identical-pages/SharingMatrix.tsx'
import type { HostTabProps } from './tab-props.ts'

/** What the host's memory holds, and what the guests' RAM is made of. */
export function MemoryTab({ view, route }: HostTabProps) {
  return (
    <>
      <HostCharts route={route} charts={['memory', 'anonymous', 'pressure', 'load', 'guestCpu']} />
      <GuestTable view={view} subject="memory" />
      {view.assessment && <SharingMatrix assessment={view.assessment} />}
    </>
  )
}

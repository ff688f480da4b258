import { HostCharts } from '../history/HostCharts.tsx'
import { PolicyPanel } from '../policies/PolicyPanel.tsx'
import type { HostTabProps } from './tab-props.ts'

/** What runs, what it decided before, and what it brought over time. */
export function PolicyTab({ view, route }: HostTabProps) {
  return (
    <>
      <PolicyPanel view={view} />
      <HostCharts route={route} charts={['policy', 'merging']} />
    </>
  )
}

import { HostCharts } from '../history/HostCharts.tsx'
import { useWindowHeight } from '../ui/use-window-height.ts'
import { HostFacts } from './HostFacts.tsx'
import { LoadFacts } from './LoadFacts.tsx'
import { MemoryParts } from './MemoryParts.tsx'
import type { HostTabProps } from './tab-props.ts'

/** Of a plot, in pixels, and of all else on the page. */
const plot = { least: 112, most: 320, besides: 688 }

/** The host at a glance: fits a window of 1280 × 800; in a higher one the charts take what is left. */
export function OverviewTab({ view, route }: HostTabProps) {
  const whole = useWindowHeight()
  const height = Math.min(plot.most, Math.max(plot.least, whole - plot.besides))
  return (
    <>
      <HostFacts view={view} />
      <MemoryParts view={view} />
      <LoadFacts view={view} />
      <HostCharts route={route} charts={['memory', 'cache', 'reads']} height={height} inOneRow />
    </>
  )
}

import { HostCharts } from '../history/HostCharts.tsx'
import { ImageTable } from '../images/ImageTable.tsx'
import { ScrubPanel } from '../page-cache/ScrubPanel.tsx'
import { HostFacts } from './HostFacts.tsx'
import type { HostTabProps } from './tab-props.ts'

const shown = ['fact-image-cache', 'fact-hit-ratio', 'fact-reclaimable']

/** What the page cache holds of the guests' images, and what scrubs did to it. */
export function CacheTab({ view, route, plan }: HostTabProps) {
  return (
    <>
      <HostFacts view={view} shown={shown} />
      <HostCharts
        route={route}
        charts={['cache', 'hits', 'reads', 'latency', 'ioWaits', 'policy', 'pressure']}
      />
      <ScrubPanel plan={plan} last={view.lastScrub} />
      <ImageTable view={view} />
    </>
  )
}

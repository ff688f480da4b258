import { Skeleton, Tabs } from '@mantine/core'
import { useState } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { HostAudits } from '../audit/HostAudits.tsx'
import { GuestTable } from '../guests/GuestTable.tsx'
import { HistoryExport } from '../history/HistoryExport.tsx'
import { HostCharts, RangeControl } from '../history/HostCharts.tsx'
import type { RangeId } from '../history/ranges.ts'
import { SharingMatrix } from '../identical-pages/SharingMatrix.tsx'
import { ImageTable } from '../images/ImageTable.tsx'
import { HostLog } from '../log/HostLog.tsx'
import { paths } from '../model/route.ts'
import { type DryRun, ScrubPanel } from '../page-cache/ScrubPanel.tsx'
import { PolicyPanel } from '../policies/PolicyPanel.tsx'
import { useFleet, useHost } from '../store/use-fleet.ts'
import { Notice } from '../ui/Notice.tsx'
import panel from '../ui/panel.module.css'
import { TaskLine } from '../ui/TaskLine.tsx'
import { HostActions } from './HostActions.tsx'
import { HostFacts } from './HostFacts.tsx'
import { HostHeader } from './HostHeader.tsx'
import { HostNotices } from './HostNotices.tsx'
import classes from './HostPage.module.css'

export function HostPage({ hostId }: { readonly hostId: string }) {
  const loading = useFleet(({ hosts }) => hosts === undefined)
  const view = useHost(hostId)
  return (
    <main className="page" data-testid="host-page">
      {loading && <Skeleton height={480} aria-label="Loading the host" />}
      {!loading && !view && (
        <Notice tone="warn" title="There is no such host">
          It was removed, or the address is of another workbench. <a href={paths.fleet}>Back to the fleet</a>
        </Notice>
      )}
      {view && <Host view={view} />}
    </main>
  )
}

function Host({ view }: { readonly view: HostView }) {
  const [rangeId, setRangeId] = useState<RangeId>('15m')
  const [plan, setPlan] = useState<DryRun>()
  const hostId = view.host.id
  return (
    <>
      <HostHeader view={view} />
      <HostNotices view={view} />
      <div className={classes.acts}>
        <HostActions view={view} onPlan={(result) => setPlan({ result, last: view.lastScrub })} />
        <span className="spacer" />
        <RangeControl value={rangeId} onChange={setRangeId} />
        <HistoryExport hostId={hostId} rangeId={rangeId} />
      </div>
      {view.tasks.length > 0 && (
        <section
          className={`${panel.panel} ${panel.body} ${classes.tasks}`}
          aria-label="Running"
          data-testid="running"
        >
          {view.tasks.map((task) => (
            <TaskLine key={task.id} task={task} />
          ))}
        </section>
      )}
      <HostFacts view={view} />
      <HostCharts hostId={hostId} rangeId={rangeId} />
      <PolicyPanel view={view} />
      <GuestTable view={view} />
      <ImageTable view={view} />
      <ScrubPanel plan={plan} last={view.lastScrub} />
      {view.assessment && <SharingMatrix assessment={view.assessment} />}
      <Records view={view} />
    </>
  )
}

function Records({ view }: { readonly view: HostView }) {
  const hostId = view.host.id
  return (
    <section className={panel.panel} aria-label="Log and audit">
      <Tabs defaultValue="log" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="log">Log</Tabs.Tab>
          <Tabs.Tab value="audit" data-testid="audit-tab">
            Audit: changes made on this host
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="log">
          <HostLog hostId={hostId} />
        </Tabs.Panel>
        <Tabs.Panel value="audit">
          <HostAudits view={view} />
        </Tabs.Panel>
      </Tabs>
    </section>
  )
}

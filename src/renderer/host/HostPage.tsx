// A host: its head and its tabs. What a tab shows is in host-tabs.ts.
import { Skeleton } from '@mantine/core'
import { useState } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { NoSuchHost } from '../host-parts/NoSuchHost.tsx'
import { type HostTab, hostTabs as tabIds } from '../model/page-table.ts'
import { hostLink, open, type Route } from '../model/route.ts'
import type { DryRun } from '../page-cache/ScrubPanel.tsx'
import { useFleet, useHost } from '../store/use-fleet.ts'
import panel from '../ui/panel.module.css'
import { TaskLine } from '../ui/TaskLine.tsx'
import { HostActions } from './HostActions.tsx'
import { HostHeader } from './HostHeader.tsx'
import { HostNotices } from './HostNotices.tsx'
import classes from './HostPage.module.css'
import { HostTabs } from './HostTabs.tsx'
import { hostTabs } from './host-tabs.ts'

export function HostPage({ route }: { readonly route: Route }) {
  const loading = useFleet(({ hosts }) => hosts === undefined)
  const view = useHost(route.hostId)
  return (
    <main className="page" data-testid="host-page">
      {loading && <Skeleton role="status" height={480} aria-label="Loading the host" />}
      {!loading && !view && <NoSuchHost />}
      {view && <Host view={view} route={route} />}
    </main>
  )
}

function Host({ view, route }: { readonly view: HostView; readonly route: Route }) {
  const [plan, setPlan] = useState<DryRun>()
  const tab: HostTab = tabIds.find((id) => id === route.page) ?? 'hostOverview'
  const Tab = hostTabs[tab]
  return (
    <>
      <HostHeader view={view} />
      <HostNotices view={view} />
      <div className={classes.acts}>
        <HostTabs route={route} current={tab} />
        <span className="spacer" />
        <HostActions
          view={view}
          onPlanning={() => open(hostLink(view.host.id, 'hostCache', route.query))}
          onPlan={(result) => setPlan({ result, last: view.lastScrub })}
        />
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
      <Tab view={view} route={route} plan={plan} />
    </>
  )
}

// The frame of a page about one guest or image of a host: where it is, and what is said when it is not there.
import { Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { hostLink, type Route } from '../model/route.ts'
import { useFleet, useHost } from '../store/use-fleet.ts'
import { StateBadge } from '../ui/StateBadge.tsx'
import classes from './ItemPage.module.css'
import { NoSuchHost } from './NoSuchHost.tsx'
import { OldFiguresNotice } from './OldFiguresNotice.tsx'

interface ItemPageProps {
  readonly route: Route
  readonly kind: 'Guest' | 'Image'
  readonly children: (view: HostView) => ReactNode
}

export function ItemPage({ route, kind, children }: ItemPageProps) {
  const loading = useFleet(({ hosts }) => hosts === undefined)
  const view = useHost(route.hostId)
  return (
    <main className="page" data-testid={`${kind.toLowerCase()}-page`}>
      {loading && <Skeleton role="status" height={480} aria-label={`Loading the ${kind.toLowerCase()}`} />}
      {!loading && !view && <NoSuchHost />}
      {view && (
        <div className={classes.where}>
          <span className="cell-sub">{kind} on</span>
          <a href={hostLink(view.host.id, kind === 'Guest' ? 'hostMemory' : 'hostCache')}>{view.host.name}</a>
          <StateBadge view={view} inline />
        </div>
      )}
      {view && <OldFiguresNotice view={view} />}
      {view && children(view)}
    </main>
  )
}

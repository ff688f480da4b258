import { entryOf, type HostTab, hostTabs } from '../model/page-table.ts'
import { hostLink, type Route } from '../model/route.ts'
import classes from './HostTabs.module.css'

interface HostTabsProps {
  readonly route: Route
  readonly current: HostTab
}

/** Links, so that a tab can be opened beside, copied and gone back to. The range goes along. */
export function HostTabs({ route: { hostId, query }, current }: HostTabsProps) {
  return (
    <nav aria-label="Of this host" className={classes.tabs} data-testid="host-tabs">
      {hostTabs.map((tab) => (
        <a
          key={tab}
          href={hostLink(hostId, tab, query)}
          className={classes.tab}
          {...(tab === current && { 'aria-current': 'page' })}
        >
          {entryOf(tab).title}
        </a>
      ))}
    </nav>
  )
}

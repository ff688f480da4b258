// The title of the browser's tab: what is shown, of which host, in which program.
import { useEffect } from 'react'
import { entryOf } from '../model/page-table.ts'
import type { Route } from '../model/route.ts'
import { useHost } from '../store/use-fleet.ts'

export function usePageTitle({ page, hostId, item }: Route): void {
  const name = useHost(hostId)?.host.name
  const parts = [item === '' ? undefined : item, entryOf(page).title, name, 'Singleton Workbench']
  const title = parts.filter((part) => part !== undefined).join(' · ')
  useEffect(() => {
    document.title = title
  }, [title])
}

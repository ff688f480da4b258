import { MantineProvider } from '@mantine/core'
import { AuditPage } from './audit/AuditPage.tsx'
import { theme } from './design/theme.ts'
import { FleetPage } from './fleet/FleetPage.tsx'
import { HostPage } from './host/HostPage.tsx'
import { Prompts } from './prompts/Prompts.tsx'
import { type Route, useRoute } from './route.ts'
import type { FleetStore } from './store/fleet-store.ts'
import { FleetContext } from './store/use-fleet.ts'
import { LinkBanner } from './ui/LinkBanner.tsx'
import { Toasts } from './ui/Toasts.tsx'
import { TopBar } from './ui/TopBar.tsx'
import { WorkbenchProblems } from './ui/WorkbenchProblems.tsx'
import { usePageScroll } from './use-page-scroll.ts'

export function App({ store }: { readonly store: FleetStore }) {
  const route = useRoute()
  usePageScroll(route)
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <FleetContext value={store}>
        <div className="shell">
          <LinkBanner />
          <TopBar route={route} />
          <WorkbenchProblems />
          <Page route={route} />
        </div>
        <Prompts />
        <Toasts />
      </FleetContext>
    </MantineProvider>
  )
}

function Page({ route }: { readonly route: Route }) {
  if (route.page === 'fleet') return <FleetPage />
  if (route.page === 'audit') return <AuditPage />
  return <HostPage key={route.hostId} hostId={route.hostId} />
}

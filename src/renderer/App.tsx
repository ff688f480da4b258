import { MantineProvider } from '@mantine/core'
import { theme } from './design/theme.ts'
import { FleetPage } from './fleet/FleetPage.tsx'
import { HostPage } from './host/HostPage.tsx'
import { Prompts } from './prompts/Prompts.tsx'
import { useRoute } from './route.ts'
import type { FleetStore } from './store/fleet-store.ts'
import { FleetContext } from './store/use-fleet.ts'
import { LinkBanner } from './ui/LinkBanner.tsx'
import { Toasts } from './ui/Toasts.tsx'
import { TopBar } from './ui/TopBar.tsx'

export function App({ store }: { readonly store: FleetStore }) {
  const route = useRoute()
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <FleetContext value={store}>
        <div className="shell">
          <LinkBanner />
          <TopBar route={route} />
          {route.page === 'fleet' ? <FleetPage /> : <HostPage key={route.hostId} hostId={route.hostId} />}
        </div>
        <Prompts />
        <Toasts />
      </FleetContext>
    </MantineProvider>
  )
}

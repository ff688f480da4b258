import { MantineProvider } from '@mantine/core'
import { theme } from './design/theme.ts'
import { type Route, useRoute } from './model/route.ts'
import { pages } from './pages.ts'
import { Prompts } from './prompts/Prompts.tsx'
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
          <TopBar route={route} pages={pages} />
          <WorkbenchProblems />
          <Page route={route} />
        </div>
        <Prompts />
        <Toasts />
      </FleetContext>
    </MantineProvider>
  )
}

function Page({ route: { path, hostId = '' } }: { readonly route: Route }) {
  const page = pages.find((one) => one.path === path)
  return page && <page.Component key={hostId} hostId={hostId} />
}

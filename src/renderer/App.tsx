import { type MantineColorSchemeManager, MantineProvider } from '@mantine/core'
import { useState } from 'react'
import { theme } from './design/theme.ts'
import { DropTarget } from './dropping/DropTarget.tsx'
import { type Route, useRoute } from './model/route.ts'
import { pages } from './pages.ts'
import { Prompts } from './prompts/Prompts.tsx'
import { styleNonce } from './shell/content-policy.ts'
import { PageKeys } from './shell/PageKeys.tsx'
import { TopBar } from './shell/TopBar.tsx'
import { usePageScroll } from './shell/use-page-scroll.ts'
import { usePageTitle } from './shell/use-page-title.ts'
import type { FleetStore } from './store/fleet-store.ts'
import { FleetContext, useFleet } from './store/use-fleet.ts'
import { HintLayer } from './ui/HintLayer.tsx'
import { LinkBanner } from './ui/LinkBanner.tsx'
import { later } from './ui/later.tsx'
import { Toasts } from './ui/Toasts.tsx'
import { usePrinting } from './ui/use-printing.ts'
import { WorkbenchProblems } from './ui/WorkbenchProblems.tsx'

/** Nothing that the first paint waits for. */
const UpdateNotice = later(
  async () => (await import('./updates/UpdateNotice.tsx')).UpdateNotice,
  () => false,
)

interface AppProps {
  readonly store: FleetStore
  readonly colorScheme: MantineColorSchemeManager
}

export function App({ store, colorScheme }: AppProps) {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={colorScheme}
      // Paper is white.
      {...(usePrinting() && { forceColorScheme: 'light' as const })}
      getStyleNonce={() => styleNonce}
    >
      <FleetContext value={store}>
        <Shell />
        <Prompts />
        <DropTarget />
        <Toasts />
        <HintLayer />
      </FleetContext>
    </MantineProvider>
  )
}

function Shell() {
  const route = useRoute()
  usePageScroll(route)
  usePageTitle(route)
  const [keysListed, setKeysListed] = useState(false)
  return (
    <div className="shell">
      <LinkBanner />
      <TopBar route={route} onKeys={() => setKeysListed(true)} />
      <UpdateNotice />
      <WorkbenchProblems />
      <Page route={route} />
      <PageKeys route={route} listed={keysListed} onListed={setKeysListed} />
    </div>
  )
}

/** Nothing where the hosts cannot be listed, which the banner says: a page would go on as if it were being read. */
function Page({ route }: { readonly route: Route }) {
  const isListed = useFleet(({ link, hosts }) => link.state !== 'failed' || hosts !== undefined)
  return isListed ? <ListedPage route={route} /> : <main className="page" />
}

/** One component may show several pages, and then stays as it is from one to the next: the tabs of a host. */
function ListedPage({ route }: { readonly route: Route }) {
  const Component = pages[route.page]
  return <Component key={`${route.hostId} ${route.item}`} route={route} />
}

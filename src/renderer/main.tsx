// Entry of the page: opens the link to main and draws.
import './shell/no-generated-code.ts'
import '@mantine/core/styles.css'
import './design/tokens.css'
import './design/workbench.css'
import './design/print.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { openProvenSocket, receivePort } from './link/open-channel.ts'
import { takeLink } from './link/stored-key.ts'
import { parseRoute } from './model/route.ts'
import { pages } from './pages.ts'
import { colorSchemeOf } from './shell/color-scheme.ts'
import { allowStyleText } from './shell/content-policy.ts'
import { loadTheRest } from './shell/load-the-rest.ts'
import { FleetStore } from './store/fleet-store.ts'
import { toastProblem } from './ui/toasts.ts'

allowStyleText(window)

const isElectron = /\bElectron\//.test(navigator.userAgent)
if (!isElectron) {
  takeLink(window)
  // A link opened in a tab that shows the workbench already changes its fragment only.
  window.addEventListener('hashchange', () => takeLink(window) && window.location.reload())
}

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
const store = new FleetStore(
  () => (isElectron ? receivePort(window) : openProvenSocket(window)),
  (problem) => toastProblem('Keep the choice', problem),
)
store.start()
const firstPage = pages[parseRoute(window.location.hash).page].load()
createRoot(root).render(
  <StrictMode>
    <App store={store} colorScheme={colorSchemeOf(store, localStorage)} />
  </StrictMode>,
)
void loadTheRest(store, firstPage)

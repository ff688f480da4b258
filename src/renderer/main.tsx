// Entry of the page: opens the link to main and draws.
import './shell/no-generated-code.ts'
import '@mantine/core/styles.css'
import './design/tokens.css'
import './design/workbench.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { openProvenSocket, receivePort } from './link/open-channel.ts'
import { takeLink } from './link/stored-key.ts'
import { allowStyleText } from './shell/content-policy.ts'
import { FleetStore } from './store/fleet-store.ts'

allowStyleText(window)

const isElectron = /\bElectron\//.test(navigator.userAgent)
if (!isElectron) {
  takeLink(window)
  // A link opened in a tab that shows the workbench already changes its fragment only.
  window.addEventListener('hashchange', () => takeLink(window) && window.location.reload())
}

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
const store = new FleetStore(() => (isElectron ? receivePort(window) : openProvenSocket(window)))
store.start()
createRoot(root).render(
  <StrictMode>
    <App store={store} />
  </StrictMode>,
)

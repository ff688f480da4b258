// Entry of the page: opens the link to main and draws.
import '@mantine/core/styles.css'
import './design/tokens.css'
import './design/workbench.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { z } from 'zod'
import type { TextChannel } from '../shared/text-channel.ts'
import { App } from './App.tsx'
import { openWebSocket, receivePort } from './link/open-channel.ts'
import { FleetStore } from './store/fleet-store.ts'

// zod would otherwise try `new Function`, which the content security policy rightly refuses and reports.
z.config({ jitless: true })

function opener(): () => Promise<TextChannel> {
  if (/\bElectron\//.test(navigator.userAgent)) return () => receivePort(window)
  const url = new URL('/rpc', window.location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return () => openWebSocket(url.href)
}

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
const store = new FleetStore(opener())
store.start()
createRoot(root).render(
  <StrictMode>
    <App store={store} />
  </StrictMode>,
)

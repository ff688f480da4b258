// The workbench's window.
import { join } from 'node:path'
import { BrowserWindow, MessageChannelMain, type MessagePortMain } from 'electron'
import type { Workbench } from '../workbench.ts'
import { appOrigin } from './app-protocol.ts'
import { handPort, maySpeak } from './desktop-port.ts'

/** Sandboxed, without Node. Shown once the page has drawn. */
export function openWindow(workbench: Workbench): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 860,
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: 'Singleton Workbench',
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  })
  let endPort: () => void = () => undefined
  // Raised again after a reload: the page before it is gone, and so is its port.
  window.webContents.on('did-finish-load', () => {
    endPort()
    const frame = window.webContents.mainFrame
    if (!maySpeak(frame)) return
    endPort = handPort(workbench, new MessageChannelMain(), (port) =>
      frame.postMessage('desktop-port', null, [port as MessagePortMain]),
    )
  })
  window.on('closed', () => endPort())
  window.once('ready-to-show', () => window.show())
  window.loadURL(`${appOrigin}/`).catch((error: unknown) => {
    console.error(`cannot show the window: ${error instanceof Error ? error.message : error}`)
  })
  return window
}

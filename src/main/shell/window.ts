// The workbench's window.
import { join } from 'node:path'
import { BrowserWindow, MessageChannelMain, type MessagePortMain, screen } from 'electron'
import type { Workbench } from '../workbench.ts'
import { appOrigin } from './app-protocol.ts'
import { handPort, maySpeak, type ServedPort } from './desktop-port.ts'
import { keepWindowState, onAScreen, readWindowState } from './window-state.ts'

export interface WorkbenchWindow {
  readonly window: BrowserWindow
  /** Shows a page, such as `#/audit`; at once, or as soon as the window can. */
  readonly show: (page: string) => void
  readonly raise: () => void
}

/** Sandboxed, without Node. Shown once the page has drawn. `statePath`: where its place is kept. */
export function openWindow(workbench: Workbench, statePath: string): WorkbenchWindow {
  const window = createWindow(statePath)
  let port: ServedPort | undefined
  let wanted: string | undefined
  // Raised again after a reload: the page before it is gone, and so is its port.
  window.webContents.on('did-finish-load', () => {
    port?.end()
    port = undefined
    const frame = window.webContents.mainFrame
    if (!maySpeak(frame)) return
    port = handPort(workbench, new MessageChannelMain(), (other) =>
      frame.postMessage('desktop-port', null, [other as MessagePortMain]),
    )
    if (wanted !== undefined) port.showPage(wanted)
    wanted = undefined
  })
  window.on('closed', () => port?.end())
  window.once('ready-to-show', () => window.show())
  window.loadURL(`${appOrigin}/`).catch((error: unknown) => {
    console.error(`cannot show the window: ${error instanceof Error ? error.message : error}`)
  })
  return {
    window,
    show: (page) => {
      if (port) port.showPage(page)
      else wanted = page
    },
    raise: () => {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
    },
  }
}

function createWindow(statePath: string): BrowserWindow {
  const kept = readWindowState(statePath)
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea)
  const window = new BrowserWindow({
    width: 1280,
    height: 860,
    ...(kept && onAScreen(kept.bounds, screens)),
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
  if (kept?.isMaximized) window.maximize()
  const keep = () =>
    keepWindowState(statePath, { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() })
  window.on('close', keep)
  return window
}

// The workbench's window. It is opened before the services are loaded, and shows the page while they start.
import { join } from 'node:path'
import { BrowserWindow, screen, type WebFrameMain } from 'electron'
import { appOrigin, maySpeak } from './app-protocol.ts'
import { keepWindowState, onAScreen, readWindowState } from './window-state.ts'

/** The link of one page to the services. */
export interface ServedPort {
  /** Shows one of its pages, such as `#/audit`, to the person. */
  readonly showPage: (page: string) => void
  readonly end: () => void
}

export interface WorkbenchWindow {
  readonly window: BrowserWindow
  /** The page was loaded, or could not be: what it needed of main is done. */
  readonly loaded: Promise<void>
  /** From now on each page that is loaded gets a port by `hand`. */
  readonly serve: (hand: (frame: WebFrameMain) => ServedPort) => void
  /** Shows a page, such as `#/audit`; at once, or as soon as the window can. */
  readonly show: (page: string) => void
  readonly raise: () => void
}

/** Sandboxed, without Node. Shown once the page has drawn. `statePath`: where its place is kept. */
export function openWindow(statePath: string): WorkbenchWindow {
  const window = createWindow(statePath)
  let port: ServedPort | undefined
  let wanted: string | undefined
  let hand: ((frame: WebFrameMain) => ServedPort) | undefined
  let isLoaded = false
  const handOver = () => {
    port?.end()
    port = undefined
    const frame = window.webContents.mainFrame
    if (!hand || !isLoaded || !maySpeak(frame)) return
    port = hand(frame)
    if (wanted !== undefined) port.showPage(wanted)
    wanted = undefined
  }
  // Raised again after a reload: the page before it is gone, and so is its port.
  window.webContents.on('did-finish-load', () => {
    isLoaded = true
    handOver()
  })
  window.on('closed', () => port?.end())
  window.once('ready-to-show', () => window.show())
  const loaded = window.loadURL(`${appOrigin}/`).catch((error: unknown) => {
    console.error(`cannot show the window: ${error instanceof Error ? error.message : error}`)
  })
  return {
    window,
    loaded,
    serve: (by) => {
      hand = by
      handOver()
    },
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

// BrowserWindow and its page: Chromium's, by the DevTools protocol.
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import type { CDPSession, Page } from 'playwright-core'
import { app } from './app.ts'
import { openChromium, toChromium, toElectron } from './chromium.ts'
import { nativeTheme } from './desktop.ts'
import { DownloadItem } from './download-item.ts'
import { IsolatedWorld } from './isolated-world.ts'
import { noteFirstPage } from './loaded-modules.mjs'
import type { MessagePortMain } from './ports.ts'
import { answerRequest, session } from './session.ts'

interface WindowOptions {
  readonly show?: boolean
  readonly title?: string
  readonly webPreferences?: { readonly preload?: string } & Readonly<Record<string, unknown>>
  readonly [name: string]: unknown
}

interface Bounds {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What a page can ask for; Chromium is told what the shell would answer. */
const permissions = [
  'geolocation',
  'notifications',
  'camera',
  'microphone',
  'clipboard-read',
  'midi',
] as const

class WebContents extends EventEmitter {
  readonly window: BrowserWindow
  readonly requestsOut: string[] = []
  readonly opened: Promise<{ page: Page; devtools: CDPSession; world: IsolatedWorld }>
  #openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' })
  #loading = ''
  #url = ''

  constructor(window: BrowserWindow) {
    super()
    this.window = window
    this.opened = this.#open()
    // Whoever loads the page hears of a failure.
    this.opened.catch(() => undefined)
  }

  get mainFrame() {
    return {
      url: this.#url,
      parent: null,
      postMessage: (channel: string, message: unknown, ports: readonly MessagePortMain[] = []) => {
        void this.opened.then(({ world }) => world.deliver(channel, message, ports))
      },
    }
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#openHandler = handler
  }

  getURL(): string {
    return this.#url
  }

  async load(url: string): Promise<void> {
    this.#loading = url
    const { page } = await this.opened
    await page.goto(toChromium(url))
  }

  reload(): void {
    void this.opened.then(({ page }) => page.reload())
  }

  async printToPDF(options: {
    printBackground?: boolean
    pageSize?: string
    landscape?: boolean
  }): Promise<Buffer> {
    const { devtools } = await this.opened
    const size = options.pageSize === 'A4' ? { paperWidth: 8.27, paperHeight: 11.69 } : {}
    const { data } = await devtools.send('Page.printToPDF', {
      printBackground: options.printBackground ?? false,
      landscape: options.landscape ?? false,
      ...size,
    })
    return Buffer.from(data, 'base64')
  }

  async #open() {
    const context = await openChromium()
    const blank = context.pages().find((page) => page.url() === 'about:blank')
    const page = blank ?? (await context.newPage())
    const devtools = await context.newCDPSession(page)
    const world = new IsolatedWorld(devtools)
    const { preload } = this.window.options.webPreferences ?? {}
    await devtools.send('Page.enable')
    if (preload !== undefined) await world.open(preload)
    await this.#answerRequests(devtools)
    await this.#answerPermissions(devtools)
    page.on('load', () => {
      this.#url = toElectron(page.url())
      noteFirstPage()
      this.emit('did-finish-load')
      this.window.emit('ready-to-show')
    })
    page.on('popup', (popup) => {
      const { action } = this.#openHandler({ url: toElectron(popup.url()) })
      if (action === 'deny') void popup.close()
    })
    page.on('download', (download) => {
      const item = new DownloadItem(download)
      session.defaultSession.emit('will-download', {}, item)
      item.save().catch((error: unknown) => console.error('stand-in:', error))
    })
    nativeTheme.on('updated', () => {
      void page.emulateMedia({ colorScheme: nativeTheme.shown }).catch(() => undefined)
    })
    return { page, devtools, world }
  }

  async #answerRequests(devtools: CDPSession): Promise<void> {
    devtools.on('Fetch.requestPaused', ({ requestId, request, resourceType }) => {
      const url = toElectron(request.url)
      if (resourceType === 'Document' && url !== this.#loading && !this.#mayNavigate(url)) {
        void devtools.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' })
        return
      }
      // A reload or the end takes requests away that were about to be answered.
      this.#answer(devtools, requestId, url).catch((error: unknown) => {
        if (!/Invalid InterceptionId|closed/.test(String(error))) console.error('stand-in:', error)
      })
    })
    await devtools.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] })
  }

  #mayNavigate(url: string): boolean {
    // A reload asks nobody.
    if (url === this.#url) return true
    let prevented = false
    this.emit('will-navigate', {
      url,
      preventDefault: () => {
        prevented = true
      },
    })
    return !prevented
  }

  async #answer(devtools: CDPSession, requestId: string, url: string): Promise<void> {
    const response = await answerRequest(url)
    if (!response) {
      this.requestsOut.push(url)
      await devtools.send('Fetch.failRequest', { requestId, errorReason: 'AddressUnreachable' })
      return
    }
    await devtools.send('Fetch.fulfillRequest', {
      requestId,
      responseCode: response.status,
      responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
      body: Buffer.from(await response.arrayBuffer()).toString('base64'),
    })
  }

  async #answerPermissions(devtools: CDPSession): Promise<void> {
    for (const permission of permissions) {
      let granted = session.defaultSession.checkPermission?.(this, permission, 'app://workbench') ?? true
      session.defaultSession.answerPermission?.(
        this,
        permission,
        (answer) => {
          granted = granted && answer
        },
        { requestingUrl: 'app://workbench/' },
      )
      const setting = granted ? 'granted' : 'denied'
      await devtools.send('Browser.setPermission', { permission: { name: permission }, setting })
    }
  }
}

export class BrowserWindow extends EventEmitter {
  /** What every window of this process was opened with, those included that are closed. */
  static readonly opened: WindowOptions[] = []
  readonly options: WindowOptions
  readonly webContents: WebContents
  title = ''
  #visible: boolean
  #destroyed = false
  #bounds: Bounds = { x: 0, y: 0, width: 1280, height: 860 }

  constructor(options: WindowOptions = {}) {
    super()
    this.options = options
    BrowserWindow.opened.push(options)
    this.#visible = options.show ?? true
    for (const side of ['x', 'y', 'width', 'height'] as const) {
      const value = options[side]
      if (typeof value === 'number') this.#bounds = { ...this.#bounds, [side]: value }
    }
    this.webContents = new WebContents(this)
    app.windows.push(this)
    app.emit('web-contents-created', {}, this.webContents)
  }

  static getAllWindows(): BrowserWindow[] {
    return app.windows.filter((window) => window instanceof BrowserWindow)
  }

  async loadFile(path: string): Promise<void> {
    const { page } = await this.webContents.opened
    await page.setContent(readFileSync(path, 'utf8'))
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.load(url)
  }

  readonly show = () => {
    this.#visible = true
  }
  readonly hide = () => {
    this.#visible = false
  }
  readonly setTitle = (title: string) => {
    this.title = title
  }
  readonly focus = () => this.emit('focus')
  readonly restore = () => undefined
  readonly isMinimized = () => false
  readonly isMaximized = () => false
  readonly maximize = () => undefined
  readonly isVisible = () => this.#visible
  readonly isDestroyed = () => this.#destroyed
  readonly getNormalBounds = () => this.#bounds
  readonly getBounds = () => this.#bounds
  readonly setBounds = (bounds: Partial<Bounds>) => {
    this.#bounds = { ...this.#bounds, ...bounds }
    this.emit('resize')
  }

  /** As a person closes it: the shell may keep it open. */
  close(): void {
    let prevented = false
    this.emit('close', {
      preventDefault: () => {
        prevented = true
      },
    })
    if (!prevented) this.destroy()
  }

  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    app.windows.splice(app.windows.indexOf(this), 1)
    this.emit('closed')
    void this.webContents.opened.then(({ page }) => page.close())
    if (app.windows.length === 0 && !app.isQuitting) app.emit('window-all-closed')
  }
}

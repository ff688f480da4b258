// What the desktop around the windows shows. Nothing shows it here: it is kept, for tests to look at and to press.
import { EventEmitter } from 'node:events'

export interface MenuItem {
  readonly label?: string
  readonly role?: string
  readonly id?: string
  readonly type?: string
  readonly accelerator?: string
  readonly click?: (item: MenuItem, window: unknown, event: unknown) => void
  readonly submenu?: Menu
  readonly enabled: boolean
}

type Template = readonly (Omit<MenuItem, 'submenu' | 'enabled'> & { submenu?: Template; enabled?: boolean })[]

export class Menu {
  static #application: Menu | null = null
  readonly items: readonly MenuItem[]

  constructor(items: readonly MenuItem[]) {
    this.items = items
  }

  static buildFromTemplate(template: Template): Menu {
    return new Menu(
      template.map(({ submenu, enabled = true, ...item }) => ({
        ...item,
        enabled,
        ...(submenu && { submenu: Menu.buildFromTemplate(submenu) }),
      })),
    )
  }

  static setApplicationMenu(menu: Menu | null): void {
    Menu.#application = menu
  }

  static getApplicationMenu(): Menu | null {
    return Menu.#application
  }

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      if (item.id === id) return item
      const below = item.submenu?.getMenuItemById(id)
      if (below) return below
    }
    return null
  }
}

export class Tray extends EventEmitter {
  static readonly all: Tray[] = []
  tooltip = ''
  menu: Menu | undefined
  image: unknown

  constructor(image: unknown) {
    super()
    this.image = image
    Tray.all.push(this)
  }

  readonly setImage = (image: unknown) => {
    this.image = image
  }
  readonly setToolTip = (text: string) => {
    this.tooltip = text
  }
  readonly setContextMenu = (menu: Menu) => {
    this.menu = menu
  }
  readonly destroy = () => Tray.all.splice(Tray.all.indexOf(this), 1)
}

export class Notification extends EventEmitter {
  static readonly shown: Notification[] = []
  static readonly isSupported = () => true
  readonly title: string
  readonly body: string

  constructor({ title = '', body = '' }: { title?: string; body?: string }) {
    super()
    this.title = title
    this.body = body
  }

  show(): void {
    Notification.shown.push(this)
  }
}

/** A test puts its own answer in the place of one of these. */
export const dialog = {
  showMessageBox: async (..._parts: unknown[]): Promise<{ response: number; checkboxChecked: boolean }> => ({
    response: 0,
    checkboxChecked: false,
  }),
  showErrorBox: (title: string, content: string) => console.error(`${title}: ${content}`),
}

export const shell = {
  openedPaths: [] as string[],
  async openPath(path: string): Promise<string> {
    shell.openedPaths.push(path)
    return ''
  },
}

/** Chromium of the stand-in follows what `shown` says. */
class NativeTheme extends EventEmitter {
  #source = 'system'
  #system = 'light'

  /** What the desktop around the app is set to. A test sets it. */
  set systemScheme(scheme: 'light' | 'dark') {
    this.#system = scheme
    this.emit('updated')
  }

  get shown(): 'light' | 'dark' {
    const shown = this.#source === 'system' ? this.#system : this.#source
    return shown === 'dark' ? 'dark' : 'light'
  }

  get themeSource(): string {
    return this.#source
  }

  set themeSource(source: string) {
    this.#source = source
    this.emit('updated')
  }
}

export const nativeTheme = new NativeTheme()
export const nativeImage = { createFromDataURL: (url: string) => ({ url }) }
export const screen = {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }],
}
export const crashReporter = {
  started: undefined as unknown,
  start: (options: unknown) => {
    crashReporter.started = options
  },
}

// The native menu: pages of the workbench, and what a desktop program is expected to offer.
import type { MenuItemConstructorOptions } from 'electron'

export type Theme = 'system' | 'light' | 'dark'

export interface MenuActs {
  readonly show: (page: string) => void
  readonly openLogFolder: () => void
  readonly openCrashFolder: () => void
  /** The one that is chosen now. */
  readonly theme: Theme
  readonly useTheme: (theme: Theme) => void
}

/** The pages that a menu can lead to: those of the renderer's top bar, as desktop-habits.test.ts holds. */
export const menuPages = [
  ['Fleet', '#/'],
  ['Policies', '#/policies'],
  ['Experiments', '#/experiments'],
  ['Compare', '#/compare'],
  ['Forecast', '#/forecast'],
  ['Capacity', '#/capacity'],
  ['Reports', '#/reports'],
  ['Audit', '#/audit'],
] as const

/** With the platform's own roles and keys: macOS has a menu of the app, others have Quit below File. Pure. */
export function menuTemplate(platform: NodeJS.Platform, acts: MenuActs): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin'
  const quit: MenuItemConstructorOptions = { role: 'quit' }
  const file: MenuItemConstructorOptions = { label: '&File', submenu: [isMac ? { role: 'close' } : quit] }
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    file,
    { role: 'editMenu' },
    { label: '&Go', submenu: pageItems(acts) },
    { label: '&View', submenu: viewItems(acts) },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        { id: 'log-folder', label: 'Open the Log Folder', click: acts.openLogFolder },
        { id: 'crash-folder', label: 'Open the Folder of Crash Reports', click: acts.openCrashFolder },
        { role: 'about' },
      ],
    },
  ]
}

function pageItems({ show }: MenuActs): MenuItemConstructorOptions[] {
  return menuPages.map(([label, page], index) => ({
    id: `page-${label.toLowerCase()}`,
    label,
    accelerator: `CmdOrCtrl+${index + 1}`,
    click: () => show(page),
  }))
}

function viewItems({ theme: chosen, useTheme }: MenuActs): MenuItemConstructorOptions[] {
  const themes = [
    ['system', 'As the System'],
    ['light', 'Light'],
    ['dark', 'Dark'],
  ] as const
  return [
    { role: 'reload' },
    { type: 'separator' },
    { id: 'resetZoom', role: 'resetZoom' },
    { id: 'zoomIn', role: 'zoomIn' },
    { id: 'zoomOut', role: 'zoomOut' },
    { role: 'togglefullscreen' },
    { type: 'separator' },
    {
      label: 'Appearance',
      submenu: themes.map(([theme, label]) => ({
        id: `theme-${theme}`,
        label,
        type: 'radio',
        checked: theme === chosen,
        click: () => useTheme(theme),
      })),
    },
  ]
}

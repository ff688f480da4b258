// The Electron entry: one window on the workbench. Only what the window needs is imported here: the services, and all that
// they stand on, are loaded once the page has what it needs to draw.
import { join } from 'node:path'
import {
  app,
  crashReporter,
  dialog,
  Menu,
  MessageChannelMain,
  type MessagePortMain,
  protocol,
  session,
  shell,
} from 'electron'
import { asProblem, type Problem } from '../shared/problem.ts'
import { findDataDirectory } from './data-directory.ts'
import { findSshEnvironment, readVersion, rendererDirectory } from './installation.ts'
import { answerAppRequest, appPrivileges, appScheme } from './shell/app-protocol.ts'
import { followTheme, keepTheme, readTheme, showTheme } from './shell/appearance.ts'
import { findDeepLink, linkScheme, pageOfLink } from './shell/deep-link.ts'
import { rememberFolder } from './shell/downloads.ts'
import { lockDownContents, lockDownSession, refuseBadCertificates } from './shell/lock-down.ts'
import { openLogFile } from './shell/log-file.ts'
import { menuTemplate } from './shell/menu.ts'
import { Quitting } from './shell/quitting.ts'
import { openTray } from './shell/tray.ts'
import { openWindow, type WorkbenchWindow } from './shell/window.ts'
import type { Workbench, WorkbenchOptions } from './workbench.ts'

protocol.registerSchemesAsPrivileged([appPrivileges])
app.enableSandbox()
app.on('web-contents-created', (_event, contents) => lockDownContents(contents))
// Kept on this machine: dumps hold memory, and so may hold secrets.
crashReporter.start({ uploadToServer: false })

/** A second start shows the window of the first: two workbenches would fight over settings and history. */
function keepSingle(): boolean {
  if (app.requestSingleInstanceLock()) return true
  app.quit()
  return false
}

async function start(): Promise<void> {
  await app.whenReady()
  lockDownSession(session.defaultSession)
  refuseBadCertificates(app)
  protocol.handle(appScheme, ({ url }) => answerAppRequest(rendererDirectory, url))
  const environment = findSshEnvironment(process.env)
  const dataDirectory = findDataDirectory(process.env, environment.home)
  const logFolder = openLogFile(dataDirectory)
  rememberFolder(session.defaultSession, join(environment.home, 'Downloads'))
  const theme = readTheme(dataDirectory)
  showTheme(theme)
  const window = openWindow(join(dataDirectory, 'window.json'))
  const starting = startServices(window, { dataDirectory, environment })
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate(process.platform, {
        show: window.show,
        openLogFolder: () => void shell.openPath(logFolder),
        openCrashFolder: () => void shell.openPath(app.getPath('crashDumps')),
        theme,
        useTheme: (chosen) => {
          showTheme(chosen)
          void keepTheme(starting, chosen)
        },
      }),
    ),
  )
  new Quitting(window.window, starting).watch()
  followLinks(window, starting)
  const workbench = await starting
  followTheme(workbench)
  const closeTray = openTray(workbench, { show: window.raise, quit: () => app.quit() })
  app.once('will-quit', () => closeTray?.())
}

/** The page has its port from then on. */
async function startServices(
  window: WorkbenchWindow,
  places: Pick<WorkbenchOptions, 'dataDirectory' | 'environment'>,
): Promise<Workbench> {
  await window.loaded
  const { createWorkbench } = await import('./workbench.ts')
  const { handPort } = await import('./shell/desktop-port.ts')
  const { printInWindow } = await import('./shell/print-in-window.ts')
  const { systemStore } = await import('./shell/system-store.ts')
  const workbench = await createWorkbench({
    ...places,
    version: readVersion(),
    stay: 'resident',
    printPdf: printInWindow,
    secretStore: systemStore,
    onProblem: ({ message, remedy }) => console.error(`${message}${remedy ? ` ${remedy}` : ''}`),
  })
  window.serve((frame) =>
    handPort(workbench, new MessageChannelMain(), (port) =>
      frame.postMessage('desktop-port', null, [port as MessagePortMain]),
    ),
  )
  return workbench
}

/** singleton:// links, of this start and of later ones. */
function followLinks(window: WorkbenchWindow, starting: Promise<Workbench>): void {
  const follow = (link: string) => {
    // A start that fails is told by itself.
    starting.then(({ fleet }) => window.show(pageOfLink(link, fleet.saved()))).catch(() => undefined)
  }
  app.setAsDefaultProtocolClient(linkScheme)
  app.on('second-instance', (_event, args) => {
    const link = findDeepLink(args)
    if (link !== undefined) follow(link)
    window.raise()
  })
  app.on('open-url', (event, url) => {
    event.preventDefault()
    follow(url)
  })
  const link = findDeepLink(process.argv.slice(1))
  if (link !== undefined) follow(link)
}

function fail({ message, remedy }: Problem): void {
  dialog.showErrorBox('Singleton Workbench', `${message}\n${remedy ?? ''}`)
  app.exit(1)
}

if (keepSingle()) start().catch((error: unknown) => fail(asProblem(error, 'cannot start the workbench')))

// The Electron entry: one window on the workbench.
import { app, dialog, Menu, protocol, session } from 'electron'
import { asProblem, type Problem } from '../shared/problem.ts'
import { findDataDirectory } from './data-directory.ts'
import { findSshEnvironment, readVersion, rendererDirectory } from './installation.ts'
import { answerAppRequest, appPrivileges, appScheme } from './shell/app-protocol.ts'
import { lockDownContents, lockDownSession } from './shell/lock-down.ts'
import { printInWindow } from './shell/print-in-window.ts'
import { openWindow } from './shell/window.ts'
import { createWorkbench, type Workbench } from './workbench.ts'

protocol.registerSchemesAsPrivileged([appPrivileges])
app.enableSandbox()
app.on('web-contents-created', (_event, contents) => lockDownContents(contents))

/** A second start shows the window of the first: two workbenches would fight over settings and history. */
function keepSingle(): boolean {
  if (app.requestSingleInstanceLock()) return true
  app.quit()
  return false
}

async function start(): Promise<void> {
  await app.whenReady()
  lockDownSession(session.defaultSession)
  protocol.handle(appScheme, ({ url }) => answerAppRequest(rendererDirectory, url))
  Menu.setApplicationMenu(null)
  const environment = findSshEnvironment(process.env)
  const workbench = await createWorkbench({
    dataDirectory: findDataDirectory(process.env, environment.home),
    environment,
    version: readVersion(),
    stay: 'resident',
    printPdf: printInWindow,
    onProblem: ({ message, remedy }) => console.error(`${message}${remedy ? ` ${remedy}` : ''}`),
  })
  const window = openWindow(workbench)
  app.on('second-instance', () => {
    if (window.isMinimized()) window.restore()
    window.focus()
  })
  app.on('window-all-closed', () => app.quit())
  closeBeforeQuit(workbench)
}

/** Links are closed and history is written before the process ends. */
function closeBeforeQuit(workbench: Workbench): void {
  let closed = false
  app.on('will-quit', (event) => {
    if (closed) return
    event.preventDefault()
    workbench.close().then(
      () => {
        closed = true
        app.quit()
      },
      (error: unknown) => fail(asProblem(error, 'cannot close the workbench')),
    )
  })
}

function fail({ message, remedy }: Problem): void {
  dialog.showErrorBox('Singleton Workbench', `${message}\n${remedy ?? ''}`)
  app.exit(1)
}

if (keepSingle()) start().catch((error: unknown) => fail(asProblem(error, 'cannot start the workbench')))

// What the shell imports from `electron`, as far as it uses it. What is on no screen (menus, dialogs, the tray) is kept
// for the tests to look at; windows, pages, protocol, permissions and printing are Chromium's own.
export { app } from './app.ts'
export {
  crashReporter,
  dialog,
  Menu,
  Notification,
  nativeImage,
  nativeTheme,
  screen,
  shell,
  Tray,
} from './desktop.ts'
export { saveDialog } from './download-item.ts'
export { loadedBeforeFirstPage } from './loaded-modules.mjs'
export { MessageChannelMain } from './ports.ts'
export { safeStorage } from './safe-storage.ts'
export { privileged, protocol, session } from './session.ts'
export { BrowserWindow } from './window.ts'

// Hands the page the one MessagePort that main sends, and nothing else.
import { type IpcRendererEvent, ipcRenderer } from 'electron'

// The page's own window; this file is checked without DOM types, like everything that main ships.
declare const window: {
  postMessage(message: unknown, targetOrigin: string, transfer: readonly unknown[]): void
}

ipcRenderer.on('desktop-port', (event: IpcRendererEvent) => {
  window.postMessage({ type: 'desktop-port' }, 'app://workbench', event.ports)
})

// `app`: the life of the process. One instance a data folder, as Electron keeps it, by a socket in that folder.
import { EventEmitter, once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeChromium, openChromium } from './chromium.ts'

interface Quitting {
  defaultPrevented: boolean
  preventDefault(): void
}

class App extends EventEmitter {
  readonly isPackaged = false
  sandboxed = false
  /** When Chromium was there, which is a part of Electron's own process. Milliseconds since the epoch. */
  chromiumReadyAt = Number.NaN
  /** Of BrowserWindow. */
  readonly windows: { close(): void }[] = []
  isQuitting = false
  readonly protocolClients: string[] = []
  readonly #paths = new Map<string, string>()
  #first: Server | undefined
  /** Of a second instance: the first has its arguments. */
  #told: Promise<unknown> = Promise.resolve()
  #ready: Promise<void> | undefined

  enableSandbox(): void {
    this.sandboxed = true
  }

  isReady(): boolean {
    return this.#ready !== undefined
  }

  whenReady(): Promise<void> {
    this.#ready ??= openChromium().then(() => {
      this.chromiumReadyAt = performance.timeOrigin + performance.now()
      this.emit('ready')
    })
    return this.#ready
  }

  getName(): string {
    return 'Singleton Workbench'
  }

  getVersion(): string {
    return '45.4.1'
  }

  getPath(name: string): string {
    const base = process.env.STAND_IN_USER_DATA ?? join(tmpdir(), `stand-in-${process.pid}`)
    return this.#paths.get(name) ?? (name === 'userData' ? base : join(base, name))
  }

  setPath(name: string, path: string): void {
    this.#paths.set(name, path)
  }

  setAppLogsPath(path: string): void {
    this.setPath('logs', path)
  }

  setAsDefaultProtocolClient(scheme: string): boolean {
    this.protocolClients.push(scheme)
    return true
  }

  /** Taken synchronously in Electron: here the arguments reach the first one a moment after. */
  requestSingleInstanceLock(): boolean {
    const folder = this.getPath('userData')
    mkdirSync(folder, { recursive: true })
    const path = join(folder, 'instance.lock')
    if (process.env.STAND_IN_SECOND !== undefined) {
      const socket = createConnection(path)
      this.#told = once(socket.resume(), 'close')
      socket.end(JSON.stringify({ argv: process.argv, cwd: process.cwd() }))
      return false
    }
    rmSync(path, { force: true })
    this.#first = createServer((socket) => {
      socket.setEncoding('utf8')
      let text = ''
      socket.on('data', (data) => {
        text += data
      })
      socket.on('end', () => {
        const { argv, cwd } = JSON.parse(text) as { argv: string[]; cwd: string }
        this.emit('second-instance', {}, argv, cwd, undefined)
      })
    }).listen(path)
    this.#first.unref()
    return true
  }

  quit(): void {
    if (this.#isStopped('before-quit')) return
    this.isQuitting = true
    for (const window of [...this.windows]) window.close()
    // One of them may stay open.
    this.isQuitting = false
    if (this.windows.length > 0) return
    this.#end()
  }

  /** All windows are closed. */
  #end(): void {
    if (this.#isStopped('will-quit')) return
    void this.exit(0)
  }

  exit(code = 0): void {
    this.#first?.close()
    void Promise.allSettled([this.#told, closeChromium()]).finally(() => process.exit(code))
  }

  #isStopped(event: string): boolean {
    const quitting: Quitting = {
      defaultPrevented: false,
      preventDefault() {
        this.defaultPrevented = true
      },
    }
    this.emit(event, quitting)
    return quitting.defaultPrevented
  }
}

export const app = new App()

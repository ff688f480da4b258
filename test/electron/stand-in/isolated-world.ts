// Runs a preload as Electron does: in a world of its own beside the page's, with `require('electron')` and nothing else.
import { readFileSync } from 'node:fs'
import type { CDPSession } from 'playwright-core'
import { z } from 'zod'
import { toChromium } from './chromium.ts'
import type { MessagePortMain } from './ports.ts'

const worldName = 'Electron Isolated Context'
const binding = 'standInSend'
const fromPage = z.object({ port: z.number(), data: z.unknown().optional() })

export class IsolatedWorld {
  readonly #devtools: CDPSession
  readonly #ports = new Map<number, MessagePortMain>()
  #context: number | undefined
  #lastPort = 0

  constructor(devtools: CDPSession) {
    this.#devtools = devtools
  }

  async open(preload: string): Promise<void> {
    this.#devtools.on('Runtime.executionContextCreated', ({ context }) => {
      if (context.name === worldName) this.#context = context.id
    })
    this.#devtools.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name !== binding) return
      const { port, data } = fromPage.parse(JSON.parse(payload))
      this.#ports.get(port)?.postMessage(data)
    })
    await this.#devtools.send('Runtime.enable')
    await this.#devtools.send('Runtime.addBinding', { name: binding, executionContextName: worldName })
    await this.#devtools.send('Page.addScriptToEvaluateOnNewDocument', {
      worldName,
      source: wrap(readFileSync(preload, 'utf8')),
    })
  }

  /** ipcRenderer's `channel` in the preload; ports go with it and are of use only there. */
  async deliver(channel: string, message: unknown, ports: readonly MessagePortMain[]): Promise<void> {
    const numbers = ports.map((port) => {
      this.#lastPort += 1
      this.#ports.set(this.#lastPort, port)
      return this.#lastPort
    })
    await this.#call(`standIn.deliver(${JSON.stringify([channel, message ?? null, numbers])})`)
    ports.forEach((port, index) => {
      const number = numbers[index]
      port.moveToPage((moved) => {
        const what = moved === 'close' ? ['close', number] : ['post', number, moved.data]
        void this.#call(`standIn.pass(${JSON.stringify(what)})`)
      })
    })
  }

  async #call(expression: string): Promise<void> {
    if (this.#context === undefined) throw new Error('the page has no preload')
    // A page that is gone by now needs nothing any more.
    await this.#devtools
      .send('Runtime.evaluate', { expression, contextId: this.#context })
      .catch(() => undefined)
  }
}

/** `window` is the page's own but for the address of targets, which the stand-in has another for. */
function wrap(preload: string): string {
  const origin = toChromium('app://workbench')
  return `(() => {
  const listeners = new Map(), ports = new Map(), send = globalThis.${binding}
  globalThis.standIn = {
    deliver([channel, message, numbers]) {
      const made = numbers.map((number) => {
        const { port1, port2 } = new MessageChannel()
        ports.set(number, port1)
        port1.onmessage = ({ data }) => send(JSON.stringify({ port: number, data }))
        return port2
      })
      for (const listener of listeners.get(channel) ?? []) listener({ ports: made }, message)
    },
    pass([what, number, data]) {
      if (what === 'close') ports.get(number)?.close()
      else ports.get(number)?.postMessage(data)
    },
  }
  const ipcRenderer = {
    on: (channel, listener) => listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
  }
  const require = (name) => {
    if (name !== 'electron') throw new Error('a sandboxed preload can require electron only, not ' + name)
    return { ipcRenderer }
  }
  const page = {
    postMessage: (message, target, transfer) =>
      window.postMessage(message, target === 'app://workbench' ? ${JSON.stringify(origin)} : target, transfer),
  }
  ;(function (require, window, module, exports) {
${preload}
  })(require, page, { exports: {} }, {})
})()`
}

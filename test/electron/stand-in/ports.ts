// MessageChannelMain: one end stays in this process, the other can be sent to a page once.
import { EventEmitter } from 'node:events'

export type Deliver = (message: { data: unknown } | 'close') => void

export class MessagePortMain extends EventEmitter {
  #started = false
  readonly #waiting: unknown[] = []
  #other: MessagePortMain | undefined
  #toPage: Deliver | undefined

  pair(other: MessagePortMain): void {
    this.#other = other
  }

  start(): void {
    this.#started = true
    for (const data of this.#waiting.splice(0)) this.emit('message', { data })
  }

  postMessage(data: unknown): void {
    this.#other?.receive(structuredClone(data))
  }

  close(): void {
    this.#other?.end()
    this.end()
  }

  /** From now on what arrives at this end goes to a page. */
  moveToPage(deliver: Deliver): void {
    this.#toPage = deliver
    for (const data of this.#waiting.splice(0)) deliver({ data })
  }

  receive(data: unknown): void {
    if (this.#toPage) this.#toPage({ data })
    else if (this.#started) this.emit('message', { data })
    else this.#waiting.push(data)
  }

  end(): void {
    if (this.#toPage) this.#toPage('close')
    else this.emit('close')
    this.#toPage = undefined
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain()
  readonly port2 = new MessagePortMain()

  constructor() {
    this.port1.pair(this.port2)
    this.port2.pair(this.port1)
  }
}

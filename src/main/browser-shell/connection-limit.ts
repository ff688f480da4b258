// How many connections may stand at once. Anybody on this machine can open some, so those that have proven nothing
// make room for new ones; tabs that have proven themselves stay.
import type { Duplex } from 'node:stream'

export class ConnectionLimit {
  /** In the order in which they came. */
  readonly #unproven = new Set<Duplex>()
  readonly #proven = new Set<Duplex>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#unproven.size + this.#proven.size
  }

  /** Ends the oldest connection that has proven nothing, or else this one, where there are too many. */
  addSocket(socket: Duplex): void {
    this.#unproven.add(socket)
    socket.once('close', () => this.#forget(socket))
    while (this.size > this.#most) {
      const [oldest = socket] = this.#unproven
      this.#forget(oldest)
      oldest.destroy()
    }
  }

  markProven(socket: Duplex): void {
    if (this.#unproven.delete(socket)) this.#proven.add(socket)
  }

  #forget(socket: Duplex): void {
    this.#unproven.delete(socket)
    this.#proven.delete(socket)
  }
}

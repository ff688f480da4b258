// A client of QEMU's machine protocol, for what tests do to guests that run.
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

interface QmpAnswer {
  readonly return?: unknown
  readonly error?: { readonly desc: string }
}

export class QmpClient {
  readonly #socket: Socket
  readonly #lines: AsyncIterator<string>

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  }

  static async connect(path: string): Promise<QmpClient> {
    const socket = connect(path)
    await new Promise((resolve, reject) =>
      socket.once('connect', () => resolve(undefined)).once('error', reject),
    )
    // A monitor that ends closes the connection: the next command tells.
    socket.on('error', () => undefined)
    const client = new QmpClient(socket)
    await client.#lines.next()
    await client.run('qmp_capabilities')
    return client
  }

  async tryRun(execute: string, parameters: object = {}): Promise<boolean> {
    return this.run(execute, parameters).then(
      () => true,
      () => false,
    )
  }

  /** What the command returns; throws where the guest's monitor refuses it. Events in between are left out. */
  async run(execute: string, parameters: object = {}): Promise<unknown> {
    this.#socket.write(`${JSON.stringify({ execute, arguments: parameters })}\n`)
    for (;;) {
      const { value, done } = await this.#lines.next()
      if (done === true) throw new Error(`cannot run ${execute}: the monitor has ended`)
      const answer = JSON.parse(value) as QmpAnswer
      if (answer.error) throw new Error(`the guest refuses ${execute}: ${answer.error.desc}`)
      if ('return' in answer) return answer.return
    }
  }

  /** A command of the monitor for people, such as savevm; what it prints. */
  async runHuman(command: string): Promise<string> {
    return String(await this.run('human-monitor-command', { 'command-line': command }))
  }

  close(): void {
    this.#socket.destroy()
  }
}

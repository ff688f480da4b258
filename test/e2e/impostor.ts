// A program that took the port of a workbench that ended: it answers what the page says, and writes all of it down.
import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'

export interface Impostor {
  /**
   * Answers with `lie` from the next connection on, and waits until a page has hung up on that: every message that came
   * on this connection, in order.
   */
  tell(lie: Lie): Promise<readonly string[]>
  /** Requests that are no connection of a page. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/** What it answers to the first message of a page. */
export type Lie = (greeting: string) => string | Buffer

const nothing = 'A'.repeat(43)

export const lies: Readonly<Record<string, Lie>> = {
  'a proof out of nothing': () => bytes({ nonce: nothing, proof: nothing }),
  'the greeting itself': (greeting) => Buffer.from(greeting),
  'a proof that is the key’s name': (greeting) => bytes({ nonce: nothing, proof: JSON.parse(greeting).key }),
  'that it is admitted': () => bytes({ admitted: 'new-page' }),
  'a question in the clear': () =>
    bytes({
      jsonrpc: '2.0',
      method: 'prompt/asked',
      params: {
        id: 'x',
        hostId: 'x',
        question: { kind: 'sudo', address: 'x', user: 'x', text: 'x', echo: false, attempt: 1 },
      },
    }),
  'a question as text': () => '{"jsonrpc":"2.0","method":"prompt/asked"}',
  noise: () => Buffer.from([0xff, 0, 0xfe]),
  'a megabyte': () => Buffer.alloc(1024 * 1024, 0x7b),
}

function bytes(value: object): Buffer {
  return Buffer.from(JSON.stringify(value))
}

export async function startImpostor(port: number): Promise<Impostor> {
  const requests: string[] = []
  let next: { readonly lie: Lie; readonly heard: (messages: readonly string[]) => void } | undefined
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`)
    response.end('<h1>Singleton Workbench</h1>')
  })
  const tabs = new WebSocketServer({ server })
  tabs.on('connection', (tab: WebSocket) => {
    const told = next
    next = undefined
    if (told === undefined) return tab.terminate()
    const messages: string[] = []
    tab.on('error', () => tab.terminate())
    tab.on('message', (data: Buffer) => {
      messages.push(data.toString())
      tab.send(told.lie(data.toString()))
    })
    tab.on('close', () => told.heard(messages))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    tell: (lie) =>
      new Promise((heard) => {
        next = { lie, heard }
      }),
    requests,
    close: async () => {
      for (const tab of tabs.clients) tab.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

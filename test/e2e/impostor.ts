// A program that took the port of a workbench that ended: it answers what the page says, and writes all of it down.
import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'

export interface Impostor {
  /** Every message and request that came, in order. */
  readonly recorded: readonly string[]
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

export async function startImpostor(port: number, lie: Lie): Promise<Impostor> {
  const recorded: string[] = []
  const server = createServer((request, response) => {
    recorded.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`)
    response.end('<h1>Singleton Workbench</h1>')
  })
  const tabs = new WebSocketServer({ server })
  tabs.on('connection', (tab: WebSocket) => {
    tab.on('error', () => tab.terminate())
    tab.on('message', (data: Buffer) => {
      recorded.push(data.toString())
      tab.send(lie(data.toString()))
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    recorded,
    close: async () => {
      for (const tab of tabs.clients) tab.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

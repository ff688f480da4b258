// An SSH server in this process that breaks the rules on purpose, each test in its own way.
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerConfig } from 'ssh2'

export interface HostileServer {
  /** `root@127.0.0.1:port`. */
  readonly address: string
  /** As known_hosts writes it. */
  readonly name: string
  readonly connections: readonly Connection[]
  /** Every attempt to log in, by its method. */
  readonly attempts: readonly string[]
  /** From now on the server claims to be whoever holds `key`; its signatures stay its own. */
  readonly claim: (key: Buffer) => void
  /** From now on the server has another key, and signs with it. */
  readonly changeKey: () => void
  readonly close: () => Promise<void>
}

export interface HostileOptions {
  readonly onAuthentication?: (context: AuthContext) => void
  readonly algorithms?: ServerConfig['algorithms']
}

/** A fresh key, public half in SSH's wire format. */
export function makeHostKey(): { readonly key: ParsedKey; readonly publicKey: Buffer } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = ssh2.utils.parseKey(privateKey.export({ type: 'sec1', format: 'pem' }))
  if (key instanceof Error) throw key
  return { key, publicKey: key.getPublicSSH() as Buffer }
}

/** Accepts every login unless `onAuthentication` decides otherwise. */
export async function startHostileServer(options: HostileOptions = {}): Promise<HostileServer> {
  const { key, publicKey } = makeHostKey()
  const connections: Connection[] = []
  const attempts: string[] = []
  let claimed = publicKey
  key.getPublicSSH = () => claimed
  const config = { hostKeys: [{ key }], ...(options.algorithms && { algorithms: options.algorithms }) }
  const server = new ssh2.Server(config as unknown as ServerConfig, (connection) => {
    connections.push(connection)
    connection.on('error', () => undefined)
    connection.on('authentication', (context) => {
      attempts.push(context.method)
      if (options.onAuthentication === undefined) context.accept()
      else options.onAuthentication(context)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `root@127.0.0.1:${port}`,
    name: `[127.0.0.1]:${port}`,
    connections,
    attempts,
    claim: (other) => {
      claimed = other
    },
    changeKey: () => {
      const other = makeHostKey()
      claimed = other.publicKey
      key.sign = (data, algorithm) => other.key.sign(data, algorithm)
    },
    close: async () => {
      for (const connection of connections) connection.end()
      server.close()
      await once(server, 'close')
    },
  }
}

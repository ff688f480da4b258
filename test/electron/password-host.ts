// A host that takes one password and then nothing: enough for a login, without a system of its own.
import { generateKeyPairSync } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import ssh2 from 'ssh2'

export interface PasswordHost {
  readonly port: number
  /** Passwords that came, in order. */
  readonly tried: readonly string[]
  /** What it takes from now on. */
  take(password: string): void
  close(): Promise<void>
}

export async function startPasswordHost(password: string): Promise<PasswordHost> {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  let wanted = password
  const tried: string[] = []
  const server = new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
    client.on('error', () => undefined)
    client.on('authentication', (context) => {
      if (context.method !== 'password') return context.reject(['password'])
      tried.push(context.password)
      if (context.password === wanted) return context.accept()
      context.reject(['password'])
    })
    client.on('session', (accept) => {
      accept().on('exec', (_accept, reject) => reject?.())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    tried,
    take: (other) => {
      wanted = other
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

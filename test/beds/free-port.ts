// A port of loopback for a program that listens, or for nobody.
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below those that the kernel gives to connections (net.ipv4.ip_local_port_range). */
const [lowest, beyond] = [12_000, 32_000]

/**
 * One that is free now, and still is when a program comes to listen there or comes back after a restart: no client of
 * anybody is given it meanwhile.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, beyond)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

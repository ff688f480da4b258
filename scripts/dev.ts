// `npm run dev`: the renderer with hot reload, against a live browser shell on this machine.
// Changes below src/main need a restart; changes below src/renderer show at once.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { createServer, mergeConfig } from 'vite'
import renderer from '../vite.renderer.config.ts'

const root = dirname(import.meta.dirname)
const linkPattern = /^Singleton Workbench: (http:\/\/127\.0\.0\.1:\d+)\/(#link=\S+)$/

interface Shell {
  readonly origin: string
  /** The key of one page, as the fragment of an address. */
  readonly fragment: string
}

function startShell(args: readonly string[]): Promise<Shell> {
  const child = spawn(process.execPath, [join(root, 'src/main/serve.ts'), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill())
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      reject(new Error(`cannot start the browser shell: it ended with code ${code}; see above`))
      process.exit(1)
    })
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, origin, fragment] = linkPattern.exec(line) ?? []
      if (origin !== undefined && fragment !== undefined) resolve({ origin, fragment })
    })
  })
}

const { origin, fragment } = await startShell(process.argv.slice(2))
const server = await createServer(
  mergeConfig(renderer, {
    configFile: false,
    server: {
      host: '127.0.0.1',
      // The shell takes WebSockets of its own pages only, so they come to it as one of these.
      proxy: { '/rpc': { target: origin, ws: true, changeOrigin: true, rewriteWsOrigin: true } },
    },
  }),
)
await server.listen()
const address = server.resolvedUrls?.local[0] ?? `http://127.0.0.1:${server.config.server.port}/`
console.log(`Singleton Workbench with hot reload: ${address}${fragment}`)
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void server.close().finally(() => process.exit(0)))

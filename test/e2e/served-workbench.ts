// The real browser shell in a process of its own, with a HOME and a data folder of the test's.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface ServedWorkbench {
  readonly url: string
  /** What it wrote to stderr. */
  readonly errors: () => string
  stop(): Promise<void>
  /** Without a chance to say goodbye. */
  kill(): Promise<void>
}

const root = join(import.meta.dirname, '../..')
const startsWithinMs = 60_000
/** What it has to put back on hosts it puts back by then, also where the machine is busy. */
const stopsWithinMs = 45_000

/** Resolves with the link that a person would open; it opens one tab. Port 0: any. */
export async function serveWorkbench(
  folder: string,
  port = 0,
  environment: NodeJS.ProcessEnv = {},
): Promise<ServedWorkbench> {
  mkdirSync(join(folder, 'data'), { recursive: true })
  const child = spawn(process.execPath, [join(root, 'src/main/serve.ts'), '--port', String(port)], {
    cwd: root,
    env: { ...personEnv(folder), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const url = await Promise.race([findUrl(child), failure(child, () => errors)])
  return { url, errors: () => errors, stop: () => stop(child), kill: () => end(child, 'SIGKILL') }
}

/** A person whose home and data lie in `folder`, and who has no agent. */
export function personEnv(folder: string): NodeJS.ProcessEnv {
  const { SSH_AUTH_SOCK: _, ...env } = process.env
  return { ...env, HOME: join(folder, 'home'), SINGLETON_DATA_DIR: join(folder, 'data') }
}

async function findUrl(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('serve.ts has no stdout')
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /https?:\S+/.exec(line)?.[0]
    if (url) {
      child.stdout.resume()
      return url
    }
  }
  throw new Error('serve.ts printed no URL')
}

async function failure(child: ChildProcess, errors: () => string): Promise<never> {
  const timeout = AbortSignal.timeout(startsWithinMs)
  const [code] = await once(child, 'exit', { signal: timeout }).catch(() => ['no URL in time'])
  throw new Error(`cannot serve the workbench (${code}): ${errors()}`)
}

async function stop(child: ChildProcess): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), stopsWithinMs)
  await end(child, 'SIGTERM')
  clearTimeout(timer)
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

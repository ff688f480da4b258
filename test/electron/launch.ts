// Starts the built app: by Playwright on a real Electron where one is found, else by Node with the stand-in. Both give
// what Playwright's ElectronApplication gives: `evaluate` in the main process, and the page of its window.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { _electron, chromium, type Page } from 'playwright-core'
import { z } from 'zod'

const root = join(import.meta.dirname, '../..')
const main = join(root, 'out/main/index.js')

/** A real Electron, if the person who runs the tests names one. */
export const realElectron = process.env.ELECTRON_EXEC_PATH || undefined

export interface LaunchOptions {
  readonly home: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

type Electron = typeof import('electron')

export interface Launched {
  readonly page: Page
  /** Runs in the main process; nothing of the test's own surroundings is there. */
  evaluate<R, A>(run: (electron: Electron, argument: A) => R | Promise<R>, argument: A): Promise<R>
  /** What main has printed. */
  output(): string
  /** The process's exit code. */
  readonly exited: Promise<number | null>
  kill(): void
}

export async function launch(options: LaunchOptions): Promise<Launched> {
  if (!existsSync(main)) throw new Error(`cannot start the app: ${main} is missing; run npm run build`)
  return realElectron === undefined ? await launchStandIn(options) : await launchReal(realElectron, options)
}

const answered = z.object({ id: z.number(), value: z.unknown().optional(), error: z.string().optional() })

export function environmentOf({ home, env }: LaunchOptions): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    SINGLETON_DATA_DIR: join(home, 'data'),
    STAND_IN_USER_DATA: join(home, 'electron'),
    ...env,
  }
}

/** The process alone: it may have nothing to show, as a second one has. */
export function forkStandIn(options: LaunchOptions): { child: ChildProcess; output: () => string } {
  const register = join(import.meta.dirname, 'stand-in/register.mjs')
  const child = fork(main, [...(options.args ?? [])], {
    cwd: root,
    env: environmentOf(options),
    execArgv: ['--import', register],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (data) => {
      text += data
    })
  return { child, output: () => text }
}

async function launchStandIn(options: LaunchOptions): Promise<Launched> {
  const { child, output } = forkStandIn(options)
  const waiting = new Map<number, (answer: z.infer<typeof answered>) => void>()
  child.on('message', (message) => {
    const answer = answered.parse(message)
    waiting.get(answer.id)?.(answer)
  })
  let last = 0
  const send = (source: string, argument: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      last += 1
      waiting.set(last, ({ value, error }) =>
        error === undefined ? resolve(value) : reject(new Error(error)),
      )
      child.send({ id: last, source, argument })
    })
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const ended = exited.then((code) => {
    throw new Error(`the app ended with code ${code} before it had a window:\n${output()}`)
  })
  const port = await Promise.race([send('port', undefined), ended])
  // Downloads stay where the stand-in has them.
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true })
  const page = browser.contexts()[0]?.pages()[0]
  if (page === undefined) throw new Error('the app has no window')
  return {
    page,
    evaluate: async <R, A>(run: (electron: Electron, argument: A) => R | Promise<R>, argument: A) =>
      (await send(run.toString(), argument)) as R,
    output,
    exited,
    kill: () => child.kill('SIGKILL'),
  }
}

async function launchReal(executablePath: string, options: LaunchOptions): Promise<Launched> {
  const application = await _electron.launch({
    executablePath,
    args: [root, ...(options.args ?? [])],
    env: environmentOf(options),
  })
  let text = ''
  const child = application.process()
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (data) => {
      text += String(data)
    })
  return {
    page: await application.firstWindow(),
    evaluate: <R, A>(run: (electron: Electron, argument: A) => R | Promise<R>, argument: A) =>
      application.evaluate(run as never, argument) as Promise<R>,
    output: () => text,
    exited: once(child, 'exit').then(([code]) => code as number | null),
    kill: () => child.kill('SIGKILL'),
  }
}

// `npm run dev`: Vite serves the code of the page, its link leads to a live browser shell, and what changes is told.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { personEnv } from '../e2e/served-workbench.ts'
import { keyOfLink, openPage } from '../fakes/page.ts'

const root = join(import.meta.dirname, '../..')
const changed = 'fleet/EmptyFleet.tsx'
const folder = mkdtempSync(join(tmpdir(), 'singleton-dev-'))
let dev: ChildProcess
let link: string

async function readLink(): Promise<string> {
  if (dev.stdout === null) throw new Error('dev.ts has no stdout')
  for await (const line of createInterface({ input: dev.stdout })) {
    const found = /^Singleton Workbench with hot reload: (\S+)$/.exec(line)?.[1]
    if (found === undefined) continue
    dev.stdout.resume()
    return found
  }
  throw new Error('dev.ts printed no link')
}

const fetchText = async (path: string) => (await fetch(new URL(path, link))).text()

beforeAll(async () => {
  mkdirSync(join(folder, 'data'))
  dev = spawn(process.execPath, ['scripts/dev.ts'], {
    cwd: root,
    env: personEnv(folder),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  link = await readLink()
})
afterAll(async () => {
  if (dev.exitCode === null) {
    const ended = once(dev, 'exit')
    dev.kill('SIGTERM')
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
})

it('leads a page to the shell behind it', async () => {
  const page = await openPage(Number(new URL(link).port), keyOfLink(link))
  expect((await page.call('fleet/list', {})).hosts).toEqual([])
  page.socket.terminate()
})

it('serves the page with the client that takes changes over', async () => {
  expect(await fetchText('/')).toContain('/@vite/client')
  expect(await fetchText('/main.tsx')).toContain('createRoot')
})

it('tells the page which component has changed', async () => {
  // What was served is watched.
  expect(await fetchText(`/${changed}`)).toContain('EmptyFleet')
  const token = /wsToken = "([^"]+)"/.exec(await fetchText('/@vite/client'))?.[1]
  const socket = new WebSocket(`ws://127.0.0.1:${new URL(link).port}/?token=${token}`, 'vite-hmr')
  const told: string[] = []
  socket.on('message', (data) => told.push(String(data)))
  await once(socket, 'open')
  // Again and again: a change that comes before the watch is on is told to nobody.
  const touch = () => {
    const now = new Date()
    utimesSync(join(root, 'src/renderer', changed), now, now)
    return told.join('\n')
  }
  await expect.poll(touch, { interval: 1000 }).toContain(`"path":"/${changed}"`)
  socket.terminate()
})

// A workbench with many replayed hosts, served to a browser.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { z } from 'zod'
import type { GateOrder } from './answer-gate.ts'
import type { ReplayedHost } from './replayed-host.ts'

export interface ReplayedFleetOptions {
  readonly hosts: number
  readonly guests: number
  /** The last so many of the hosts cannot be reached. */
  readonly down?: number
  /** One host with another number of guests. */
  readonly crowded?: ReplayedHost
}

const spent = z.object({ cpuSeconds: z.number(), rssBytes: z.number() })

export interface ReplayedFleet {
  readonly url: string
  readonly pid: number
  /** One more link: each opens one tab. */
  newLink(): Promise<string>
  /** Ends its connection; it cannot be reached any more. */
  breakHost(index: number): Promise<void>
  /** Keeps answers from the pages, until it is set again. */
  setGate(order: GateOrder): Promise<void>
  /** Of the process that is the workbench's main. */
  spent(): Promise<z.infer<typeof spent>>
  stop(): Promise<void>
}

export function replayedId(index: number): string {
  return `kvm${String(index + 1).padStart(3, '0')}`
}

const sites = ['berlin', 'hamburg', 'köln']

export function writeReplayedHosts(folder: string, { hosts, down = 0, crowded }: ReplayedFleetOptions): void {
  const addressOf = (index: number) => {
    if (index >= hosts - down) return `root@gone-${index + 1}`
    return `root@replayed-${index + 1}${index === crowded?.index ? `-with-${crowded.guests}-guests` : ''}`
  }
  mkdirSync(folder, { recursive: true })
  const saved = Array.from({ length: hosts }, (_, index) => ({
    id: replayedId(index),
    name: replayedId(index),
    address: addressOf(index),
    mode: 'observe',
    tags: [sites[index % sites.length], ...(index % 10 === 0 ? ['lab'] : [])],
  }))
  writeFileSync(join(folder, 'hosts.json'), JSON.stringify({ version: 1, hosts: saved }))
}

/** `folder` holds the data of the workbench, written before: hosts.json, and history.sqlite where there is one. */
export async function serveReplayedFleet(folder: string, guests: number): Promise<ReplayedFleet> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'serve-main.ts'), folder, String(guests)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const lines = createInterface({ input: child.stdout })
  const ended = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`serve-main.ts ended: ${code}`)),
  )
  ended.catch(() => undefined)
  const url = await nextLine(lines, ended)
  const ask = async (question: string) => {
    child.stdin.write(`${question}\n`)
    return await nextLine(lines, ended)
  }
  return {
    url,
    pid: child.pid ?? 0,
    newLink: () => ask('link'),
    setGate: async (order) => void (await ask(`gate ${JSON.stringify(order)}`)),
    breakHost: async (index) => void (await ask(`break ${index}`)),
    spent: async () => spent.parse(JSON.parse(await ask('spent'))),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 45_000)
      await exited
      clearTimeout(timer)
    },
  }
}

async function nextLine(lines: Interface, ended: Promise<never>): Promise<string> {
  const [line] = await Promise.race([once(lines, 'line'), ended])
  return String(line)
}

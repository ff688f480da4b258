// Runs as a process of its own: the workbench's main with many hosts, and how long its event loop was held up.
// Arguments: the home with .ssh/config, and how long to sample at least, once all are connected. Prints one JSON document.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { quiet } from '../../fakes/quiet.ts'
import { openWorkbench } from '../../open-workbench.ts'
import { noteSyncCalls, readUnnoted } from './sync-calls.ts'

const CONNECT_TIMEOUT_MS = 240_000
/** For the first sample of each: hosts that share this machine's cores may be late with it. */
const SAMPLE_TIMEOUT_MS = 60_000
const LOOK_MS = 5

/**
 * Of one phase. `maxDelayMs` is wall time by monitorEventLoopDelay; of that, `maxHeldMs` leaves out what the main
 * thread spent waiting for a core (/proc/thread-self/schedstat): hosts and helpers run on the same cores here.
 * `maxRunMs` is the most CPU that main took without looking at its timers.
 */
export interface LoopFigures {
  readonly seconds: number
  readonly maxDelayMs: number
  readonly p99DelayMs: number
  readonly maxHeldMs: number
  readonly heldOver50Ms: number
  readonly maxRunMs: number
  readonly cpuSeconds: number
}

export interface FleetFigures {
  readonly connected: number
  readonly peakConnecting: number
  readonly samplesOfEach: { readonly least: number; readonly most: number }
  readonly storm: LoopFigures
  readonly steady: LoopFigures
  readonly closing: LoopFigures
  readonly rssMiB: number
  /** Synchronous calls of files and programs, which hold main for as long as a disk takes: who, and which. */
  readonly syncCalls: readonly string[]
}

async function main(home: string, steadySeconds: number): Promise<FleetFigures> {
  const dataDirectory = mkdtempSync(join(home, 'data-'))
  const workbench = await openWorkbench(home, { dataDirectory })
  const syncCalls = noteSyncCalls()
  const samples = new Map<string, number>()
  const stopListening = workbench.subscribe((name, value) => {
    if (name !== 'sample/added') return
    const { hostId } = value as { hostId: string }
    samples.set(hostId, (samples.get(hostId) ?? 0) + 1)
  })
  // Not by fleet.list(), which works out the whole view of every host.
  const connections = () =>
    workbench.fleet.saved().map(({ id }) => workbench.fleet.find(id).session.connection)
  const connected = () => connections().filter(({ state }) => state === 'connected')
  const isAtIt = (one: ReturnType<typeof connections>[number]) =>
    one.state === 'connecting' && one.step !== 'waiting for its turn'
  let peakConnecting = 0
  const looking = setInterval(() => {
    peakConnecting = Math.max(peakConnecting, connections().filter(isAtIt).length)
  }, 200)
  const storm = watchLoop()
  const candidates = await workbench.handlers['hosts/candidates']({}, quiet)
  await workbench.handlers['hosts/add-all'](
    { hosts: candidates.map(({ alias }) => ({ address: alias, name: alias })) },
    quiet,
  )
  const deadline = performance.now() + CONNECT_TIMEOUT_MS
  while (connected().length < candidates.length && performance.now() < deadline) await sleep(200)
  clearInterval(looking)
  const stormFigures = storm.end()
  samples.clear()
  const steady = watchLoop()
  const counted = () => workbench.fleet.saved().map(({ id }) => samples.get(id) ?? 0)
  const sampledBy = performance.now() + SAMPLE_TIMEOUT_MS
  await sleep(steadySeconds * 1000)
  while (Math.min(...counted()) === 0 && performance.now() < sampledBy) await sleep(200)
  const counts = counted()
  const steadyFigures = steady.end()
  const found = {
    connected: connected().length,
    peakConnecting,
    samplesOfEach: { least: Math.min(...counts), most: Math.max(...counts) },
    storm: stormFigures,
    steady: steadyFigures,
    rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
    syncCalls: syncCalls.end(),
  }
  stopListening()
  const closing = watchLoop()
  await workbench.close()
  const figures = { ...found, closing: closing.end() }
  rmSync(dataDirectory, { recursive: true })
  return figures
}

function watchLoop(): { end(): LoopFigures } {
  const startedAt = performance.now()
  const cpuBefore = process.threadCpuUsage()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const held = { max: 0, over50: 0, run: 0 }
  let before = look()
  const timer = setInterval(() => {
    const now = look()
    const ms = now.at - before.at - LOOK_MS - (now.waited - before.waited)
    held.max = Math.max(held.max, ms)
    if (ms > 50) held.over50 += 1
    held.run = Math.max(held.run, now.ran - before.ran)
    before = now
  }, LOOK_MS)
  return {
    end: () => {
      clearInterval(timer)
      delay.disable()
      const cpu = process.threadCpuUsage(cpuBefore)
      return {
        seconds: Math.round((performance.now() - startedAt) / 100) / 10,
        maxDelayMs: Math.round(delay.max / 1e6),
        p99DelayMs: Math.round(delay.percentile(99) / 1e6),
        maxHeldMs: Math.round(held.max),
        heldOver50Ms: held.over50,
        maxRunMs: Math.round(held.run),
        cpuSeconds: Math.round((cpu.user + cpu.system) / 1e5) / 10,
      }
    },
  }
}

/** How long the main thread has run, and how long it was ready to run and not given a core. */
function look() {
  const [ran, waited] = readUnnoted('/proc/thread-self/schedstat').split(' ')
  return { at: performance.now(), ran: Number(ran) / 1e6, waited: Number(waited) / 1e6 }
}

const [home, seconds] = process.argv.slice(2)
if (home !== undefined) console.log(JSON.stringify(await main(home, Number(seconds))))

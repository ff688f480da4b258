// `npm run demo`: the main job on real guests, start to end. Stays and serves the workbench, or with --exit leaves.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { openBrowserShell } from '../src/main/browser-shell/browser-shell.ts'
import { openLinkDesk } from '../src/main/browser-shell/link-desk.ts'
import { findSshEnvironment, readVersion, rendererDirectory } from '../src/main/installation.ts'
import { createWorkbench } from '../src/main/workbench.ts'
import { asProblem } from '../src/shared/problem.ts'
import { upLab, writeSshHome } from '../test/beds/lab/lab.ts'
import { readAheadKiB } from '../test/bench/suite/read-ahead.ts'
import { DemoClock } from './demo/demo-clock.ts'
import { demoExperimentHost, demoPairs, performExperiment, renderExperiment } from './demo/demo-experiment.ts'
import {
  connectHosts,
  type DemoHost,
  type DemoStage,
  measureBaseline,
  mergeAndScrub,
  restoreKsm,
} from './demo/demo-stages.ts'
import { renderDemoTable } from './demo/demo-table.ts'
import { findShortfalls } from './demo/demo-verdict.ts'
import { writeReports } from './demo/write-reports.ts'

interface DemoOptions {
  readonly exit: boolean
  readonly out: string | undefined
  /** Of its experiment. */
  readonly pairs: number
}

function readOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      exit: { type: 'boolean', default: false },
      out: { type: 'string' },
      pairs: { type: 'string', default: `${demoPairs}` },
    },
  })
  const pairs = Number(values.pairs)
  if (!Number.isInteger(pairs) || pairs < 1)
    throw new Error('cannot run the demo: --pairs is a number from 1')
  return { exit: values.exit, out: values.out && resolve(values.out), pairs }
}

/** Undoes in the reverse order, all of it, even where one step fails. */
type Undo = { readonly what: string; readonly act: () => Promise<unknown> }

interface SetUp {
  readonly clock: DemoClock
  readonly undo: Undo[]
  readonly signal: AbortSignal
}

async function demo(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const clock = new DemoClock()
  const undo: Undo[] = []
  try {
    return await perform(options, { ...(await setUp(options, { clock, undo, signal })), clock, signal })
  } finally {
    for (const { what, act } of undo.toReversed()) {
      clock.say(what)
      await act().catch((error: unknown) => {
        process.exitCode = 1
        console.error(`cannot finish ${what}: ${error instanceof Error ? error.message : error}`)
      })
    }
  }
}

async function setUp(options: DemoOptions, { clock, undo, signal }: SetUp) {
  const home = mkdtempSync(join(tmpdir(), 'singleton-demo-'))
  undo.push({
    what: 'removing the demo’s own home and data',
    act: async () => rmSync(home, { recursive: true, force: true }),
  })
  clock.say('booting the lab: 3 hosts with 2 guests each, real QEMU, about half a minute')
  const lab = await upLab({ hosts: [{}, {}, demoExperimentHost], readAheadKiB }, (text) => clock.say(text))
  undo.push({ what: 'taking the lab down', act: () => lab.down() })
  signal.throwIfAborted()
  writeSshHome(lab, home)
  const dataDirectory = join(home, 'data')
  const workbench = await createWorkbench({
    dataDirectory,
    // The demo's own keys and known_hosts, which hold the lab's host keys; nobody else's agent.
    environment: findSshEnvironment({ HOME: home }),
    version: readVersion(),
    stay: 'resident',
    onProblem: (problem) => clock.say(problem.message),
  })
  undo.push({ what: 'closing the workbench', act: () => workbench.close() })
  if (!options.exit) {
    const shell = await openBrowserShell({ workbench, rendererDirectory, port: 0 })
    const desk = await openLinkDesk(dataDirectory, shell.newLink)
    undo.push({
      what: 'closing the browser shell',
      act: async () => {
        await desk?.close()
        await shell.close()
      },
    })
    clock.say(`watch it happen: ${await shell.newLink()} (opens one page, once)`)
    clock.say(`for one more page: SINGLETON_DATA_DIR=${dataDirectory} npm start -- --print-link`)
  }
  const connected = await connectHosts(workbench, lab, clock)
  const isOfExperiment = ({ name }: DemoHost) => name === demoExperimentHost.name
  const hosts = connected.filter((host) => !isOfExperiment(host))
  undo.push({ what: 'restoring the KSM settings found', act: () => restoreKsm(workbench, hosts) })
  return { workbench, hosts, experimentHost: connected.find(isOfExperiment), labFolder: lab.dir }
}

interface Stage extends DemoStage {
  readonly experimentHost: DemoHost | undefined
  readonly labFolder: string
}

async function perform({ exit, out, pairs }: DemoOptions, stage: Stage): Promise<number> {
  const { workbench, hosts, experimentHost, clock, signal } = stage
  const before = await measureBaseline(stage)
  const outcome = await mergeAndScrub(stage, before)
  console.log(`\n${renderDemoTable(outcome)}\n`)
  const shortfalls = [...findShortfalls(outcome), ...(await prove(stage, pairs))]
  for (const shortfall of shortfalls) console.error(`the demo falls short: ${shortfall}`)
  if (out) {
    mkdirSync(out, { recursive: true })
    const reported = experimentHost === undefined ? hosts : [...hosts, experimentHost]
    for (const path of await writeReports(workbench, reported, out)) clock.say(`wrote ${path}`)
  }
  clock.say(`the demo took ${clock.took()}, from the command to the last figure`)
  if (!exit) {
    clock.say('the workbench stays open at the address above; Ctrl-C takes everything down and restores KSM')
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
      if (signal.aborted) resolve()
    })
  }
  return shortfalls.length > 0 ? 1 : 0
}

/** Prints what the experiment found. Where it cannot be run the rest of the demo goes on: the reason is a shortfall. */
async function prove({ experimentHost, labFolder, ...stage }: Stage, pairs: number): Promise<string[]> {
  if (experimentHost === undefined) return ['the host of the experiment is not connected']
  try {
    const shown = await performExperiment(stage, experimentHost, { labFolder, pairs })
    console.log(`\n${renderExperiment(shown)}\n`)
    return []
  } catch (error) {
    stage.signal.throwIfAborted()
    return [asProblem(error).message]
  }
}

const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Taking down takes some seconds; a second Ctrl-C must not cut it short.
  process.on(name, () => interrupted.abort(new Error('interrupted')))
}
demo(readOptions(process.argv.slice(2)), interrupted.signal).then(
  (code) => {
    process.exitCode = process.exitCode || code
  },
  (error: unknown) => {
    console.error(`the demo failed: ${error instanceof Error ? error.message : error}`)
    process.exitCode = interrupted.signal.aborted ? 130 : 1
  },
)

// `npm test`: every stage in order, then where the time went, and one line `N passed, N failed, N skipped`.
//   npm test -- [STAGE…] [FILTER…]    stages: types lint unit build integration e2e; filters: names of test files
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { readMachineState, type TestRun, tidyUp } from './machine-state.ts'
import { formatTimes, type LaneTime, type StageTime, watchTime } from './run-times.ts'
import { chooseStages, STAGES, type Stage, type StageContext } from './stages.ts'
import { addUp, noTests, type Summary } from './summary-reporter.ts'

const ROOT = dirname(import.meta.dirname)

interface Selection {
  readonly stages: readonly Stage[]
  readonly filters: readonly string[]
}

function select(args: readonly string[]): Selection {
  const unknown = args.filter((arg) => arg.startsWith('-'))
  if (unknown.length > 0) throw new Error(`cannot run tests: unknown option ${unknown.join(' ')}`)
  const names = STAGES.map(({ name }) => name)
  const asked = new Set(args.filter((arg) => names.includes(arg)))
  const filters = args.filter((arg) => !names.includes(arg))
  if (filters.length > 0 && asked.size === 0) {
    throw new Error(`cannot run tests: no stage named before "${filters[0]}"; there are ${names.join(', ')}`)
  }
  // What they show and deploy must be current.
  if (STAGES.some(({ name, touchesMachine }) => touchesMachine && asked.has(name))) asked.add('build')
  return { stages: chooseStages(asked), filters }
}

function beginRun(): TestRun {
  // Not /tmp: that may be memory, and these tests are about files on a disk.
  const folder = mkdtempSync('/var/tmp/singleton-test-')
  // sshd reads the authorized keys of other users below it as these users.
  chmodSync(folder, 0o711)
  return { id: basename(folder), folder }
}

function describeEnvironment(run: TestRun): StageContext['env'] {
  const tmp = join(run.folder, 'tmp')
  mkdirSync(tmp)
  return {
    ...process.env,
    TMPDIR: tmp,
    SINGLETON_TEST_RUN: run.id,
    SINGLETON_LAB_DIR: join(run.folder, 'lab'),
    SINGLETON_LAB_IMAGES_DIR: join(run.folder, 'lab-images'),
    // Hundreds of times this run starts the same programs, whose types are stripped once.
    NODE_COMPILE_CACHE: join(run.folder, 'compiled'),
  }
}

interface Outcome extends Summary {
  readonly stages: readonly StageTime[]
}

async function runStages({ stages, filters }: Selection): Promise<Outcome> {
  const run = beginRun()
  const before = readMachineState(run.folder)
  const interruption = watchForInterruption()
  const [summaries, times]: [Summary[], StageTime[]] = [[], []]
  let lanes: LaneTime[] = []
  const context: StageContext = {
    ...{ root: ROOT, folder: run.folder, env: describeEnvironment(run), filters, interruption },
    onLane: (time) => lanes.push(time),
  }
  for (const stage of stages) {
    if (interruption.aborted) break
    console.log(`\n── ${stage.name} ──`)
    lanes = []
    const stop = watchTime()
    summaries.push(await stage.run(context))
    const time = { stage: stage.name, ...stop(), lanes }
    times.push(time)
    console.log(`   ${time.seconds.toFixed(1)} s`)
  }
  if (interruption.aborted) summaries.push({ ...noTests, failed: [`interrupted by ${interruption.reason}`] })
  const complaints = await tidyUp(run, before)
  if (stages.some(({ touchesMachine }) => touchesMachine)) summaries.push(judgeMachine(complaints))
  return { ...addUp(summaries), stages: times }
}

function judgeMachine(complaints: readonly string[]): Summary {
  const name = 'the machine is left as found (KSM, readahead, processes, mounts)'
  const isClean = complaints.length === 0
  return isClean ? { ...noTests, passed: 1 } : { ...noTests, failed: [`${name}: ${complaints.join('; ')}`] }
}

/** The running stage gets the signal too and ends by itself; what it leaves is tidied up all the same. */
function watchForInterruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => controller.abort(signal))
  }
  return controller.signal
}

function print({ passed, failed, skipped, disturbed, files, stages }: Outcome): void {
  console.log(`\n${formatTimes(stages, files)}`)
  for (const { name, reason } of skipped) console.log(`skipped: ${name}: ${reason}`)
  for (const name of disturbed) console.log(`failed beside others, passed by itself: ${name}`)
  for (const name of failed) console.log(`failed: ${name}`)
  console.log(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped`)
}

try {
  const summary = await runStages(select(process.argv.slice(2)))
  print(summary)
  process.exitCode = summary.failed.length > 0 || summary.passed === 0 ? 1 : 0
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

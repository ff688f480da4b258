// What `npm test` and `npm run check` run, in order; each stage answers with its count of tests.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureHelper, ensureRenderer } from '../scripts/built-parts.mjs'
import { runForeground, TIMED_OUT } from '../scripts/child-process.mjs'
import { isRoot } from './beds/is-root.ts'
import { ensureDebianImage } from './beds/lab/debian-image.ts'
import { type Lane, type LaneContext, nameOf, runLanes } from './lanes.ts'
import { filesToRepeat, withSecondRun } from './second-run.ts'
import { addUp, noTests, type Summary } from './summary-reporter.ts'

export interface StageContext extends LaneContext {
  readonly root: string
  /** Below it: nothing that outlives the run. */
  readonly folder: string
  readonly env: Record<string, string | undefined>
  /** Names of test files to run, as vitest filters them. */
  readonly filters: readonly string[]
}

export interface Stage {
  readonly name: string
  /** Starts programs and changes kernel settings. */
  readonly touchesMachine?: true
  readonly run: (context: StageContext) => Promise<Summary>
}

const MINUTE_MS = 60_000
const TSCONFIGS = ['shared', 'node', 'renderer', 'helper', 'test']

/** In one lane, as beds share the images of their guests and the folder of the lab. */
const withGuests: Lane = ['measured', 'machine-wide', 'integration']

export const STAGES: readonly Stage[] = [
  { name: 'types', run: checkTypes },
  { name: 'lint', run: checkLint },
  { name: 'unit', run: (context) => runProjects([['unit']], 8 * MINUTE_MS, context) },
  { name: 'build', run: buildAll },
  stageOf('integration', [withGuests, ['real image', 'beside']]),
  stageOf('e2e', [['e2e'], ['e2e-beside']]),
]

/** Where both are asked for: screens without a lab fill the time that guests leave, but for what measures. */
const together = stageOf('integration, e2e', [
  [...withGuests, 'e2e'],
  ['real image', 'beside', { name: 'e2e-beside', after: 'measured' }],
])

/** Those of STAGES that have these names, or all. Pure. */
export function chooseStages(names: ReadonlySet<string>): readonly Stage[] {
  const chosen = STAGES.filter(({ name }) => names.size === 0 || names.has(name))
  const isWhole = ['integration', 'e2e'].every((name) => chosen.some((stage) => stage.name === name))
  if (!isWhole) return chosen
  return [...chosen.filter(({ touchesMachine }) => !touchesMachine), together]
}

function stageOf(name: string, lanes: readonly Lane[]): Stage {
  const run = (context: StageContext) => runTwice(lanes, 40 * MINUTE_MS, context)
  return { name, touchesMachine: true, run }
}

async function checkTypes(context: StageContext): Promise<Summary> {
  const results: Summary[] = []
  for (const name of TSCONFIGS) {
    const args = ['node_modules/typescript/bin/tsc', '--noEmit', '-p', `tsconfig.${name}.json`]
    results.push(await runCheck(`types: ${name}`, args, context))
  }
  return addUp(results)
}

function checkLint(context: StageContext): Promise<Summary> {
  const args = [
    'node_modules/@biomejs/biome/bin/biome',
    'check',
    '--error-on-warnings',
    '--max-diagnostics=50',
  ]
  return runCheck('lint: biome check', args, context)
}

async function buildAll(context: StageContext): Promise<Summary> {
  const { root, env } = context
  return addUp([
    await attempt('build: helper', () => ensureHelper(root, process.execPath, env)),
    await attempt('build: renderer', () => ensureRenderer(root, process.execPath, env)),
    await runCheck('build: app, bill of materials', ['scripts/build.ts'], context),
  ])
}

/** One program, one test: it passes by exit code 0. */
function runCheck(name: string, args: readonly string[], { root, env }: StageContext): Promise<Summary> {
  return attempt(name, async () => {
    const code = await runForeground(process.execPath, args, { cwd: root, env, timeoutMs: 5 * MINUTE_MS })
    if (code !== 0) throw new Error(describeCode(code))
  })
}

async function attempt(name: string, work: () => Promise<void>): Promise<Summary> {
  try {
    await work()
    console.log(`✓ ${name}`)
    return { ...noTests, passed: 1 }
  } catch (error) {
    console.log(`✗ ${name}: ${error instanceof Error ? error.message : error}`)
    return { ...noTests, failed: [name] }
  }
}

/** Files that failed beside others run once more when the lanes are empty. */
async function runTwice(lanes: readonly Lane[], timeoutMs: number, context: StageContext): Promise<Summary> {
  let summary = await runProjects(lanes, timeoutMs, context)
  for (const file of filesToRepeat(summary)) {
    if (context.interruption.aborted) break
    console.log(`\n── once more, by itself: ${file.path} ──`)
    const second = await runProject(file.lane, timeoutMs, { ...context, filters: [file.path] })
    summary = withSecondRun(summary, file, second)
  }
  return summary
}

/** Each project has that time, and a process of its own. */
async function runProjects(
  lanes: readonly Lane[],
  timeoutMs: number,
  context: StageContext,
): Promise<Summary> {
  const run = (name: string) =>
    name === 'real image' ? buildRealImage(context) : runProject(name, timeoutMs, context)
  const summary = addUp(await runLanes(lanes, run, context))
  const count = summary.passed + summary.failed.length + summary.skipped.length
  return count === 0 ? failed(`${lanes.flat().map(nameOf).join(', ')}: no test ran`) : summary
}

/** Where no run before has; whoever boots it sooner waits for it. */
async function buildRealImage({ filters }: StageContext): Promise<Summary> {
  if (!isRoot || filters.length > 0) return noTests
  return attempt('build: image of real guests', async () => {
    await ensureDebianImage((text) => console.log(text))
  })
}

async function runProject(project: string, timeoutMs: number, context: StageContext): Promise<Summary> {
  const summaryFile = join(context.folder, `${project}.json`)
  rmSync(summaryFile, { force: true })
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...context.filters]
  const reporters = [
    `--reporter=${project === 'unit' ? 'default' : 'verbose'}`,
    '--reporter=./test/summary-reporter.ts',
  ]
  const code = await runForeground(process.execPath, [...args, '--passWithNoTests', ...reporters], {
    cwd: context.root,
    env: { ...context.env, SINGLETON_SUMMARY_FILE: summaryFile },
    timeoutMs,
  })
  if (!existsSync(summaryFile)) return failed(`${project}: vitest ${describeCode(code)} and left no results`)
  const summary: Summary = JSON.parse(readFileSync(summaryFile, 'utf8'))
  // Vitest also fails for reasons that belong to no test, such as a hanging worker.
  if (code !== 0 && summary.failed.length === 0) {
    return { ...summary, failed: [`${project}: vitest ${describeCode(code)}`] }
  }
  return summary
}

function failed(name: string): Summary {
  console.log(`✗ ${name}`)
  return { ...noTests, failed: [name] }
}

function describeCode(code: number): string {
  return code === TIMED_OUT ? 'ran out of time' : `ended with code ${code}`
}

// Every npm command starts here, on whatever Node (20 or newer) the machine has and without node_modules:
// it installs what the command needs, builds what it shows, then hands over to Node 24.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureAptPackages } from './apt-install.mjs'
import { listAptPackages } from './apt-packages.mjs'
import { ensureHelper, ensureRenderer } from './built-parts.mjs'
import { runForeground } from './child-process.mjs'
import { environmentFor, findNode } from './node-runtime.mjs'
import { ensureNpmPackages } from './npm-packages.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
/** Of the monotonic clock, which is one for all processes: the demo says what it took from here on. */
const beganNs = process.hrtime.bigint()

/** @type {Record<string, { script: string, args?: readonly string[], builds?: readonly ('helper' | 'renderer')[] }>} */
const COMMANDS = {
  demo: { script: 'scripts/demo.ts', builds: ['helper', 'renderer'] },
  test: { script: 'test/run.ts' },
  start: { script: 'scripts/start.ts', builds: ['helper', 'renderer'] },
  check: { script: 'test/run.ts', args: ['types', 'lint', 'unit'] },
  unit: { script: 'scripts/unit.ts' },
  dev: { script: 'scripts/dev.ts', builds: ['helper'] },
  format: { script: 'scripts/format.ts' },
  build: { script: 'scripts/build.ts' },
  'build:helper': { script: 'helper/build.mjs' },
  package: { script: 'scripts/package.ts', builds: ['helper'] },
  lab: { script: 'test/beds/lab/cli.ts' },
  cli: { script: 'src/main/cli.ts', builds: ['helper'] },
  bench: { script: 'test/bench/run.ts', builds: ['helper'] },
  soak: { script: 'test/soak/run.ts', builds: ['helper'] },
}

/** @param {string} name @param {readonly string[]} args @returns {Promise<number>} exit code */
async function run(name, args) {
  const command = COMMANDS[name]
  if (command === undefined) {
    throw new Error(`cannot run "${name}": no such command; there are ${Object.keys(COMMANDS).join(', ')}`)
  }
  await ensureNpmPackages(ROOT)
  await ensureAptPackages(listAptPackages(name, args), `npm run ${name}`)
  const node = findNode(ROOT)
  const env = environmentFor(ROOT, node)
  if (command.builds?.includes('helper')) await ensureHelper(ROOT, node, env)
  if (command.builds?.includes('renderer')) await ensureRenderer(ROOT, node, env)
  const script = join(ROOT, command.script)
  const told = name === 'demo' ? { ...env, SINGLETON_COMMAND_BEGAN_NS: `${beganNs}` } : env
  return runForeground(node, [script, ...(command.args ?? []), ...args], { cwd: ROOT, env: told })
}

const [name = '', ...args] = process.argv.slice(2)
try {
  process.exitCode = await run(name, args)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}

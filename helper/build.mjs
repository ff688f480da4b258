// Compiles the helper into one binary per target, with a manifest that says what each is.
//   node helper/build.mjs [--all] [--quiet]     without --all: this machine's kind, linux-x64, offline
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { digestInputs } from '../scripts/input-digest.mjs'
import { withLockFile } from '../scripts/lock-file.mjs'
import { checkElf, compile, isMislabelled } from './compile.mjs'
import { HOST_TARGET, TARGETS } from './targets.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const OUTPUT = join(ROOT, 'resources/helper')
const MANIFEST = join(OUTPUT, 'manifest.json')
const BUILD_INPUTS = [
  'helper/src',
  'src/shared',
  'helper/compile.mjs',
  'helper/targets.mjs',
  'resources/singleton-helper.service',
]

/**
 * @typedef {object} BuiltHelper
 * @property {string} target
 * @property {string} file name in resources/helper; `${file}.gz` lies beside it, for the upload
 * @property {string} sha256 of the binary, in hex
 * @property {number} bytes
 * @property {number} gzipBytes
 *
 * @typedef {object} HelperManifest
 * @property {string} version of package.json
 * @property {string} buildDigest what the helper says in its preamble; equal digest = same sources
 * @property {string} bun version of the runtime inside
 * @property {BuiltHelper[]} helpers
 */

/** @param {readonly string[]} flags */
async function build(flags) {
  const known = new Set(['--all', '--quiet'])
  const unknown = flags.filter((flag) => !known.has(flag))
  if (unknown.length > 0) throw new Error(`cannot build the helper: unknown option ${unknown.join(' ')}`)
  const say = (/** @type {string} */ line) => flags.includes('--quiet') || process.stderr.write(`${line}\n`)
  const targets = flags.includes('--all') ? TARGETS : [HOST_TARGET]
  if (stale(targets, describeSources()).length === 0) return say('the helper is up to date')
  await withLockFile(join(ROOT, 'out/helper.lock'), 'building the helper', async () => {
    const sources = describeSources()
    for (const target of stale(targets, sources)) {
      if (await isMislabelled(ROOT, target, sources.bun)) {
        process.stderr.write(
          `skipping ${target.name}: ${target.runtimePackage}@${sources.bun} is no other runtime than ours\n`,
        )
        continue
      }
      process.stderr.write(`building the helper for ${target.name}\n`)
      const built = await buildTarget(target, sources)
      writeManifest(sources, built)
      say(`${built.file}: ${built.bytes} bytes, ${built.gzipBytes} compressed, sha256 ${built.sha256}`)
    }
  })
}

/** @typedef {ReturnType<typeof describeSources>} Sources */

function describeSources() {
  const { version, optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const bun = /** @type {string} */ (optionalDependencies['@oven/bun-linux-x64'])
  // The lock file pins the libraries that are compiled in.
  const locked = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages
  const libraries = ['zod', 'vscode-jsonrpc'].map(
    (name) => `${name}@${locked[`node_modules/${name}`]?.version}`,
  )
  const buildDigest = digestInputs(ROOT, BUILD_INPUTS, [version, bun, ...libraries])
  return { version: /** @type {string} */ (version), bun, buildDigest }
}

/** The targets whose binary is missing or made from other sources. @param {readonly import('./targets.mjs').Target[]} targets @param {Sources} sources */
function stale(targets, sources) {
  const manifest = readManifest()
  if (manifest?.buildDigest !== sources.buildDigest) return targets
  return targets.filter((target) => {
    const built = manifest.helpers.find((helper) => helper.target === target.name)
    return !built || !existsSync(join(OUTPUT, built.file)) || !existsSync(join(OUTPUT, `${built.file}.gz`))
  })
}

/** @param {import('./targets.mjs').Target} target @param {Sources} sources @returns {Promise<BuiltHelper>} */
async function buildTarget(target, sources) {
  const file = `singleton-helper-${target.name}`
  // Renamed when whole: a workbench that is running may read the old one at this very moment. In a folder, since Bun
  // writes the name of the file into it, and equal sources are to make equal binaries.
  const folder = join(OUTPUT, `.singleton-helper-${process.pid}.draft`)
  const draft = join(folder, file)
  mkdirSync(folder, { recursive: true })
  try {
    await compile(ROOT, target, draft, sources)
    checkElf(draft, target.machine)
    const binary = readFileSync(draft)
    const compressed = gzipSync(binary, { level: 6 })
    writeFileSync(`${draft}.gz`, compressed)
    renameSync(`${draft}.gz`, join(OUTPUT, `${file}.gz`))
    renameSync(draft, join(OUTPUT, file))
    const sha256 = createHash('sha256').update(binary).digest('hex')
    return { target: target.name, file, sha256, bytes: binary.length, gzipBytes: compressed.length }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {Sources} sources @param {BuiltHelper} built */
function writeManifest(sources, built) {
  const old = readManifest()
  const others = old?.buildDigest === sources.buildDigest ? old.helpers : []
  const helpers = [...others.filter(({ target }) => target !== built.target), built]
  const draft = `${MANIFEST}.${process.pid}.draft`
  writeFileSync(draft, `${JSON.stringify({ ...sources, helpers }, null, 2)}\n`)
  renameSync(draft, MANIFEST)
}

/** @returns {HelperManifest | undefined} */
function readManifest() {
  return existsSync(MANIFEST) ? JSON.parse(readFileSync(MANIFEST, 'utf8')) : undefined
}

try {
  await build(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}

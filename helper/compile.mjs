// One run of `bun build --compile`, and the check that its result is the right kind of binary.
import { createHash } from 'node:crypto'
import { closeSync, existsSync, globSync, mkdirSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { runForeground } from '../scripts/child-process.mjs'
import { HOST_TARGET } from './targets.mjs'

/** @typedef {import('./targets.mjs').Target} Target */

const HOST_BUN = 'node_modules/@oven/bun-linux-x64/bin/bun'

/**
 * @param {string} root
 * @param {Target} target
 * @param {string} output
 * @param {{ version: string, bun: string, buildDigest: string }} sources
 * @param {string} [entry] another program on the helper's engine, as the benchmarks have
 */
export async function compile(root, target, output, sources, entry = 'helper/src/main.ts') {
  const bun = join(root, HOST_BUN)
  if (!existsSync(bun)) {
    throw new Error(
      'cannot build the helper: @oven/bun-linux-x64 is not installed; it needs an x86-64 machine',
    )
  }
  checkRuntime(bun, HOST_TARGET)
  // Each worker is an entry of its own, found in the binary by its path below the folder that all entries share.
  const workers = globSync('helper/src/**/*-worker.ts', { cwd: root }).sort()
  const args = [
    'build',
    '--compile',
    `--target=${target.bunTarget}`,
    ...(await findRuntime(root, target, sources.bun)),
    // The helper runs as root in whatever folder it is called from: no file lying there may steer it.
    '--no-compile-autoload-dotenv',
    '--no-compile-autoload-bunfig',
    '--minify',
    '--keep-names',
    '--bytecode',
    '--format=esm',
    // A command loads what it uses, and no more.
    '--splitting',
    `--define=process.env.SINGLETON_BUILD_DIGEST=${JSON.stringify(sources.buildDigest)}`,
    `--define=process.env.SINGLETON_VERSION=${JSON.stringify(sources.version)}`,
    `--define=process.env.SINGLETON_WORKER_FOLDER=${JSON.stringify(workerFolder(entry))}`,
    `--outfile=${output}`,
    entry,
    ...workers,
  ]
  const code = await runForeground(bun, args, { cwd: root, quiet: true })
  if (code !== 0 || !existsSync(output)) {
    throw new Error(`cannot build the helper for ${target.name}: bun ended with code ${code}; see above`)
  }
}

/** @param {string} entry @returns {string} where the workers of helper/src lie beside this entry */
function workerFolder(entry) {
  return entry.startsWith('helper/src/') ? '.' : './helper/src'
}

/**
 * Whether the runtime published for this target is the very one of this machine's kind.
 * So it is with 1.4.5 for processors without AVX2: a helper made from it would die there all the same.
 * @param {string} root @param {Target} target @param {string} version
 */
export async function isMislabelled(root, target, version) {
  if (target === HOST_TARGET) return false
  const runtime = await ensureRuntime(root, target, version)
  return readFileSync(runtime).equals(readFileSync(join(root, HOST_BUN)))
}

/** The compiling Bun is itself the runtime of its own kind; the others come from npm, into a cache. @param {string} root @param {Target} target @param {string} version */
async function findRuntime(root, target, version) {
  return target === HOST_TARGET
    ? []
    : [`--compile-executable-path=${await ensureRuntime(root, target, version)}`]
}

/** @param {string} root @param {Target} target @param {string} version @returns {Promise<string>} path of its Bun */
async function ensureRuntime(root, target, version) {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'singleton-workbench')
  const folder = join(cache, `${target.runtimePackage.replace('@oven/', '')}-${version}`)
  const runtime = join(folder, 'package/bin/bun')
  if (!existsSync(runtime)) await fetchRuntime(root, `${target.runtimePackage}@${version}`, folder)
  // At each build: the cache is a folder like any other, and the registry is believed as little.
  checkRuntime(runtime, target)
  return runtime
}

/**
 * Refuses a runtime that is not the pinned one: it becomes a program that is root on every host.
 * @param {string} path @param {Pick<Target, 'name' | 'runtimePackage' | 'runtimeSha512'>} target
 */
export function checkRuntime(path, { name, runtimePackage, runtimeSha512 }) {
  const found = createHash('sha512').update(readFileSync(path)).digest('hex')
  if (found === runtimeSha512) return
  throw new Error(
    `cannot build the helper for ${name}: ${path} is not the runtime that helper/targets.mjs pins for ${runtimePackage} ` +
      `(SHA-512 ${found.slice(0, 16)}… instead of ${runtimeSha512.slice(0, 16)}…); remove it, or pin the new version`,
  )
}

/** @param {string} root @param {string} spec @param {string} folder */
async function fetchRuntime(root, spec, folder) {
  process.stderr.write(`fetching ${spec}: the runtime inside that helper\n`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const args = ['pack', spec, '--pack-destination', folder, '--loglevel=error']
  const packed = await runForeground('npm', args, { cwd: root, quiet: true })
  const [archive] = globSync('*.tgz', { cwd: folder })
  if (packed !== 0 || archive === undefined)
    throw new Error(`cannot fetch ${spec}: npm ended with code ${packed}`)
  const unpacked = await runForeground('tar', ['-xzf', join(folder, archive), '-C', folder])
  rmSync(join(folder, archive))
  if (unpacked !== 0) throw new Error(`cannot unpack ${archive}: tar ended with code ${unpacked}`)
}

/**
 * Refuses a binary that is no 64-bit little-endian ELF of the wanted processor.
 * @param {string} path @param {number} machine
 */
export function checkElf(path, machine) {
  const header = Buffer.alloc(20)
  const fd = openSync(path, 'r')
  try {
    readSync(fd, header, 0, header.length, 0)
  } finally {
    closeSync(fd)
  }
  const isElf64 = header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2 && header[5] === 1
  const found = header.readUInt16LE(18)
  if (!isElf64 || found !== machine) {
    throw new Error(`cannot use ${path}: it is no ELF binary for machine ${machine} (found ${found})`)
  }
}

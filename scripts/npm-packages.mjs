// Installs the npm packages of package-lock.json when node_modules does not hold exactly them.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runForeground } from './child-process.mjs'
import { withLockFile } from './lock-file.mjs'

/** vite 8 resolves its native parts by a lock file field that npm 10 does not know. */
const OLDEST_NPM = 11

/** @param {string} root */
export async function ensureNpmPackages(root) {
  if (findReasonToInstall(root) === undefined) return
  await withLockFile(join(root, 'out/npm-packages.lock'), 'installing npm packages', async () => {
    // Another process may have installed them while we waited.
    const reason = findReasonToInstall(root)
    if (reason !== undefined) await install(root, reason)
  })
}

/** @param {string} root @param {string} reason */
async function install(root, reason) {
  const count =
    Object.values(readPackages(join(root, 'package-lock.json'))).filter(isForThisMachine).length - 1
  process.stderr.write(`installing ${count} npm packages: ${reason}\n`)
  // No package here needs its install script, and strangers' scripts need not run as root.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const viaExec = npmMajor() < OLDEST_NPM
  if (viaExec) process.stderr.write(`(through npm ${OLDEST_NPM}: the npm of this machine is older)\n`)
  const full = viaExec ? ['exec', '--yes', `npm@${OLDEST_NPM}`, '--', ...args] : args
  const code = await runForeground('npm', full, { cwd: root })
  if (code !== 0) {
    throw new Error(`cannot install npm packages: npm ended with code ${code}; see above, then run it again`)
  }
}

/**
 * Compares what npm says it installed (node_modules/.package-lock.json, written last) with the lock file.
 * @param {string} root
 * @returns {string | undefined}
 */
function findReasonToInstall(root) {
  const installedPath = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installedPath)) return 'first run'
  const installed = readPackages(installedPath)
  const wanted = readPackages(join(root, 'package-lock.json'))
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue
    const found = installed[path]
    // Optional packages of other processors and systems are never installed.
    if (found === undefined && entry.optional) continue
    if (found?.version !== entry.version)
      return `package-lock.json changed (${path.split('node_modules/').at(-1)})`
  }
  return undefined
}

/** @typedef {{ version?: string, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockedPackage */

/** @param {LockedPackage} entry */
function isForThisMachine({ os, cpu, libc }) {
  const isForSystem = (os ?? [process.platform]).includes(process.platform)
  return (
    isForSystem && (cpu ?? [process.arch]).includes(process.arch) && (libc ?? ['glibc']).includes('glibc')
  )
}

/** @param {string} path @returns {Record<string, LockedPackage>} */
function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages
}

function npmMajor() {
  const { stdout, error } = spawnSync('npm', ['--version'], { encoding: 'utf8' })
  if (error) throw new Error(`cannot run npm: ${error.message}; install npm (Debian: apt-get install npm)`)
  return Number.parseInt(stdout, 10)
}

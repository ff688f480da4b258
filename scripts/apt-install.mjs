// Installs missing Debian packages as root, and leaves the machine's services as they were.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { runForeground } from './child-process.mjs'
import { withLockFile } from './lock-file.mjs'

/** Asked by every Debian package before it starts a service; 101 means "not allowed". */
const POLICY_FILE = '/usr/sbin/policy-rc.d'
const LOCK_FILE = '/run/lock/singleton-workbench-apt.lock'
/** No questions, and no restart of services that use a library just replaced. */
const UNATTENDED = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' }
const UNIT_FOLDERS = ['/lib/systemd/system', '/usr/lib/systemd/system']
/** A user's PATH often lacks the sbin folders, where daemons live. */
const BINARY_FOLDERS = [
  ...new Set([...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin', '/sbin', '/bin']),
].filter((folder) => folder !== '')

/** @typedef {import('./apt-packages.mjs').AptPackage} AptPackage */

/**
 * @param {readonly AptPackage[]} packages
 * @param {string} command for messages: what needs them
 */
export async function ensureAptPackages(packages, command) {
  const missing = findMissing(packages)
  if (missing.length === 0) return
  const line = `apt-get install --no-install-recommends ${missing.map(({ name }) => name).join(' ')}`
  if (!BINARY_FOLDERS.some((folder) => existsSync(join(folder, 'apt-get')))) {
    const what = missing.flatMap(({ present }) => present.filter((item) => !isPresent(item))).join(', ')
    throw new Error(
      `cannot run ${command}: missing ${what}, and this is no Debian; install them and try again`,
    )
  }
  if (process.getuid?.() !== 0) {
    const reasons = missing.map(({ name, purpose }) => `  ${name}: ${purpose}`).join('\n')
    throw new Error(
      `cannot run ${command}: ${missing.length} Debian packages are missing and installing them needs root\n` +
        `${reasons}\nrun this as root, then try again:\n\n  apt-get update && ${line}\n`,
    )
  }
  await withLockFile(LOCK_FILE, 'installing Debian packages', () => install(findMissing(packages), line))
}

/** @param {readonly AptPackage[]} missing @param {string} line */
async function install(missing, line) {
  if (missing.length === 0) return
  process.stderr.write(`installing ${missing.length} Debian packages:\n`)
  for (const { name, purpose } of missing) process.stderr.write(`  ${name}: ${purpose}\n`)
  await withoutStartingServices(async () => {
    // A list that cannot be refreshed may still do; the install itself decides.
    await runApt(['-qq', 'update'])
    // Where an earlier run was interrupted, apt-get would refuse to go on.
    await runForeground('dpkg', ['--configure', '-a'], { env: UNATTENDED, quiet: true })
    try {
      const names = missing.map(({ name }) => name)
      const code = await runApt(['-qq', '-y', 'install', '--no-install-recommends', ...names])
      if (code !== 0)
        throw new Error(`cannot install Debian packages: apt-get ended with code ${code}; try: ${line}`)
    } finally {
      // Also after an interruption: the next run would find the package installed and leave it enabled.
      await disableUnits(missing.flatMap(({ units }) => units ?? []))
    }
  })
  const still = findMissing(missing)
  if (still.length > 0) {
    const what = still.flatMap(({ present }) => present.filter((item) => !isPresent(item))).join(', ')
    throw new Error(
      `cannot find ${what} even after apt-get installed ${still.map(({ name }) => name).join(', ')}`,
    )
  }
}

/** @param {readonly string[]} args */
function runApt(args) {
  const options = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0']
  return runForeground('apt-get', [...options, ...args], { env: UNATTENDED, quiet: true })
}

/**
 * An sshd, libvirtd or ksmtuned that starts by itself would change the machine that we measure.
 * @param {() => Promise<void>} work
 */
async function withoutStartingServices(work) {
  if (existsSync(POLICY_FILE)) return work()
  writeFileSync(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' })
  try {
    await work()
  } finally {
    rmSync(POLICY_FILE, { force: true })
  }
}

/**
 * The policy file stops services now; at the next boot they would start all the same.
 * @param {readonly string[]} units
 */
async function disableUnits(units) {
  const present = units.filter((unit) => UNIT_FOLDERS.some((folder) => existsSync(join(folder, unit))))
  if (present.length === 0 || !isPresent('systemctl')) return
  const code = await runForeground('systemctl', ['disable', '--quiet', ...present], { quiet: true })
  if (code !== 0) process.stderr.write(`warning: these may start at the next boot: ${present.join(' ')}\n`)
  else process.stderr.write(`not started, and not enabled for the next boot: ${present.join(' ')}\n`)
}

/** @param {readonly AptPackage[]} packages */
function findMissing(packages) {
  return packages.filter(({ present }) => !present.every(isPresent))
}

/** @param {string} item binary name, or a path whose last part may hold one * */
function isPresent(item) {
  if (!item.includes('/')) return BINARY_FOLDERS.some((folder) => existsSync(join(folder, item)))
  const [start = '', end] = basename(item).split('*')
  if (end === undefined) return existsSync(item)
  const folder = dirname(item)
  return (
    existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(start) && name.endsWith(end))
  )
}

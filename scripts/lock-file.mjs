// One at a time, between processes: two terminals may start in the same checkout.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 250
const GIVE_UP_AFTER_MS = 15 * 60_000

/**
 * Runs `work` while holding the lock file, and removes the file afterwards.
 * A lock whose owner is gone (killed, rebooted) is taken over.
 * @template T
 * @param {string} path
 * @param {string} purpose shown while waiting for another owner
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLockFile(path, purpose, work) {
  await acquire(path, purpose)
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** @param {string} path @param {string} purpose */
async function acquire(path, purpose) {
  mkdirSync(dirname(path), { recursive: true })
  const deadline = Date.now() + GIVE_UP_AFTER_MS
  let told = false
  while (!tryAcquire(path)) {
    const owner = readOwner(path)
    if (owner !== undefined && !isAlive(owner)) {
      rmSync(path, { force: true })
      continue
    }
    if (Date.now() > deadline) throw new Error(`cannot lock ${path}: process ${owner?.pid} still holds it`)
    if (!told) process.stderr.write(`waiting for process ${owner?.pid ?? '?'}, which is ${purpose} too\n`)
    told = true
    await sleep(POLL_MS)
  }
}

/** @param {string} path */
function tryAcquire(path) {
  try {
    writeFileSync(path, `${process.pid} ${startTime(process.pid) ?? ''}\n`, { flag: 'wx' })
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false
    throw error
  }
}

/** Undefined while the owner is still writing it, or when it has just been removed. @param {string} path */
function readOwner(path) {
  try {
    const match = /^(\d+) (\d*)\n/.exec(readFileSync(path, 'utf8'))
    return match ? { pid: Number(match[1]), start: match[2] } : undefined
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined
    throw error
  }
}

/** @param {{ pid: number, start: string | undefined }} owner */
function isAlive(owner) {
  const start = startTime(owner.pid)
  return start !== undefined && (owner.start === '' || owner.start === start)
}

/**
 * Start time in clock ticks: tells a recycled pid apart. Source: field 22 of /proc/PID/stat.
 * @param {number} pid
 */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may itself hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error)
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}

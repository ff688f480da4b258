// Runs one program in the foreground: signals go on to it, and its end becomes ours.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** npm and a terminal may both deliver one keystroke; a second signal means "now!" to some programs. */
const SAME_KEYSTROKE_MS = 500
/** What a program gets to tidy up after its time is over. */
const TIDY_UP_MS = 30_000
/** As timeout(1) ends. */
export const TIMED_OUT = 124

/**
 * Runs a program with our own stdin, stdout and stderr until it has tidied up and ended.
 * Returns its exit code; 128 + signal number where a signal ended it, as a shell does; 124 when its time was over.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, quiet?: boolean, timeoutMs?: number }} [options]
 * @returns {Promise<number>}
 */
export function runForeground(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: options.quiet ? ['ignore', 'ignore', 'inherit'] : 'inherit',
    })
    const stopForwarding = forwardSignals(child)
    const limit = limitTime(child, options.timeoutMs)
    child.on('error', (cause) => {
      limit.stop()
      stopForwarding()
      reject(new Error(`cannot run ${file}: ${cause.message}`, { cause }))
    })
    child.on('close', (code, signal) => {
      limit.stop()
      stopForwarding()
      resolve(limit.isOver() ? TIMED_OUT : (code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0)))
    })
  })
}

/** @param {import('node:child_process').ChildProcess} child @param {number | undefined} timeoutMs */
function limitTime(child, timeoutMs) {
  let over = false
  const timers = /** @type {NodeJS.Timeout[]} */ ([])
  if (timeoutMs !== undefined) {
    timers.push(
      setTimeout(() => {
        over = true
        child.kill('SIGTERM')
        timers.push(setTimeout(() => child.kill('SIGKILL'), TIDY_UP_MS))
      }, timeoutMs),
    )
  }
  return { isOver: () => over, stop: () => timers.forEach(clearTimeout) }
}

/** @param {import('node:child_process').ChildProcess} child @returns {() => void} */
function forwardSignals(child) {
  const lastAt = new Map()
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    // A terminal sends SIGINT to the whole foreground group: the child has it already.
    if (signal === 'SIGINT' && process.stdin.isTTY) return
    const now = Date.now()
    if (now - (lastAt.get(signal) ?? 0) < SAME_KEYSTROKE_MS) return
    lastAt.set(signal, now)
    child.kill(signal)
  }
  for (const signal of FORWARDED) process.on(signal, forward)
  return () => {
    for (const signal of FORWARDED) process.off(signal, forward)
  }
}

// Debian's ksmtuned, the real script, started by hand and ended as a whole.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify, isAlive } from './processes.ts'

const program = '/usr/sbin/ksmtuned'
const withinMs = 60_000

export function hasKsmtuned(): boolean {
  return existsSync(program)
}

export interface Ksmtuned {
  /** SIGUSR1 makes it tune at once, instead of after its 60 s. */
  readonly pid: number
  stop(): Promise<void>
}

/**
 * Told that memory is short (KSM_THRES_COEF: as it is, it stops KSM while a fifth of the memory is free). Reads no
 * /etc/ksmtuned.conf, which may set other values than the package's.
 */
export async function startKsmtuned(): Promise<Ksmtuned> {
  const folder = mkdtempSync(join(tmpdir(), 'ksmtuned-'))
  const script = join(folder, 'ksmtuned')
  const text = readFileSync(program, 'utf8').replaceAll('/etc/ksmtuned.conf', join(folder, 'none'))
  writeFileSync(script, text, { mode: 0o755 })
  const pidFile = join(folder, 'pid')
  const child = spawn(script, {
    env: { ...process.env, PIDFILE: pidFile, KSM_THRES_COEF: '200' },
    stdio: 'ignore',
    detached: true,
  })
  const kill = () => {
    try {
      process.kill(-Number(child.pid), 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  await once(child, 'exit')
  // It would go on governing this machine's KSM. First of all, as nobody may write there after it has been put back.
  process.prependOnceListener('exit', kill)
  const pid = await waitFor(() => (existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8').trim()) : 0))
  // Before its trap is set the signal would end it. Bit 9 of SigCgt is SIGUSR1.
  await waitFor(() => Number((BigInt(`0x${caughtSignals(pid)}`) >> 9n) & 1n))
  const tuner = identify(pid)
  // A signal that comes before it waits for its sleep is lost.
  await sleep(200)
  return {
    pid,
    async stop() {
      process.off('exit', kill)
      // Its own group: the sleep that it waits for ends with it. Paused, it would not hear of that.
      process.kill(-Number(child.pid), 'SIGCONT')
      process.kill(-Number(child.pid), 'SIGTERM')
      // Whoever puts KSM back after it must be the last to write there.
      await waitFor(() => (isAlive(tuner) ? 0 : 1))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function caughtSignals(pid: number): string {
  return /^SigCgt:\t([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0'
}

/** The first value that is not 0. */
async function waitFor(read: () => number): Promise<number> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const value = read()
    if (value > 0) return value
    if (performance.now() > deadline)
      throw new Error(`cannot start or end ${program}: it takes more than ${withinMs / 1000} s`)
    await sleep(20)
  }
}

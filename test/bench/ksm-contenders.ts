// Who governs KSM in benchmark 3: our governor, the kernel's defaults, Debian's ksmtuned, the kernel's advisor.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startKsmtuned } from '../beds/lab/ksmtuned.ts'
import { readCpu, readKsmRun, writeKsm } from './ksm-kernel.ts'

export interface RunningContender {
  /** It has ended scanning by itself. */
  readonly isOver: () => boolean
  readonly helperCpuSeconds: () => number
  stop(): Promise<void>
}

export interface KsmContender {
  readonly name: string
  readonly steadySeconds: number
  /** What a run does once after its end, measuring what is left, is not steady. Default 5. */
  readonly settleSeconds?: number
  /** It takes minutes, and its rate depends on a target of seconds a pass, not on the machine. */
  readonly maxRounds?: number
  start(): Promise<RunningContender>
}

const helperProgram = join(
  dirname(dirname(import.meta.dirname)),
  'resources/helper/singleton-helper-linux-x64',
)

const nothing: RunningContender = {
  isOver: () => false,
  helperCpuSeconds: () => 0,
  stop: async () => undefined,
}

export const stock: KsmContender = {
  name: 'stock',
  steadySeconds: 10,
  async start() {
    writeKsm('run', '1')
    return nothing
  },
}

export const advisor: KsmContender = {
  name: 'advisor',
  steadySeconds: 10,
  maxRounds: 1,
  async start() {
    writeKsm('advisor_mode', 'scan-time')
    writeKsm('run', '1')
    return nothing
  },
}

/** At once: its first 60 s pass in waiting otherwise. */
export const ksmtuned: KsmContender = {
  name: 'ksmtuned',
  steadySeconds: 10,
  async start() {
    const { pid, stop } = await startKsmtuned()
    process.kill(pid, 'SIGUSR1')
    return { ...nothing, stop }
  },
}

/**
 * `govern` with the documented defaults, page cache left alone, as a host would run it: outside the lab host, where
 * ksmd can be seen. Its start and its first measurement count.
 */
export const ours: KsmContender = {
  name: 'ours',
  steadySeconds: 40,
  async start() {
    const folder = mkdtempSync(join(tmpdir(), 'bench-govern-'))
    const policy = join(folder, 'policy.json')
    writeFileSync(policy, JSON.stringify({ scrub: { mode: 'observe' }, ksm: { mode: 'govern' } }))
    const log = openSync(join(folder, 'log'), 'w')
    // Ends with the benchmark, also where that is killed: it would go on governing this machine's KSM.
    const govern = ['--pdeathsig', 'TERM', helperProgram, 'govern', '--policy', policy]
    const child = spawn('setpriv', govern, {
      env: { ...process.env, SINGLETON_STATE_DIR: folder, SINGLETON_RUN_DIR: folder },
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    const ended = once(child, 'exit')
    const check = () => {
      if (child.exitCode !== null)
        throw new Error(`govern ended by itself: ${readFileSync(join(folder, 'log'), 'utf8')}`)
    }
    let wasScanning = false
    return {
      isOver() {
        check()
        wasScanning ||= readKsmRun() === '1'
        return wasScanning && readKsmRun() === '0'
      },
      helperCpuSeconds: () => readCpu(Number(child.pid)),
      async stop() {
        child.kill('SIGTERM')
        await ended
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}

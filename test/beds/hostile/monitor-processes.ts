// Processes of an unprivileged user that the helper takes for guests with a monitor, in a lab host.
import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { waitUntil } from '../lab/processes.ts'

const startTimeoutMs = 60_000
/** Nobody's account: owns nothing and is in no group. */
export const attackerUid = 54_321

export type MonitorMode = 'honest' | 'mute' | 'closed' | 'absent'

export interface MonitorProcess {
  readonly name: string
  /** Lines of what reached it: `connected`, and the commands it was sent. */
  heard(): readonly string[]
  end(): Promise<void>
}

export interface MonitorOptions {
  readonly name: string
  readonly mode: MonitorMode
  /** Of its socket, as bound and as on its command line. */
  readonly path: string
  readonly uid?: number
  /** In the place of the options that name the socket. */
  readonly options?: readonly string[]
  /** In a PID and mount namespace of its own, as in a container. */
  readonly isContained?: boolean
}

/** Puts a Python that is called as QEMU is into a folder of the host; what it returns starts processes of it. */
export function makeMonitorProgram(initPid: number, folder: string) {
  const program = join(folder, 'qemu-system-x86_64')
  const script = join(folder, 'monitor-stand-in.py')
  const place = (path: string) => join('/proc', `${initPid}`, 'root', path)
  copyFileSync(realpathSync('/usr/bin/python3'), place(program))
  copyFileSync(join(import.meta.dirname, 'monitor-stand-in.py'), place(script))
  return async (request: MonitorOptions): Promise<MonitorProcess> => {
    const { name, mode, path, uid = attackerUid, isContained = false } = request
    const asUser = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--pdeathsig=KILL']
    const monitor = request.options ?? ['-qmp', `unix:${path},server=on,wait=off`]
    const options = ['-name', name, ...monitor, '-drive', 'file=/x,aio=io_uring']
    const contain = isContained
      ? ['unshare', '--pid', '--mount', '--fork', '--kill-child', '--mount-proc']
      : []
    const enter = ['--target', `${initPid}`, '--pid', '--mount', '--uts']
    const child = spawn('nsenter', [...enter, ...contain, ...asUser, program, script, mode, ...options])
    const heard = collect(child)
    const ready = collect(child, 'stdout')
    await waitUntil(
      () => ready().includes('ready') || child.exitCode !== null,
      startTimeoutMs,
      () => `cannot start ${name}: ${heard().join('\n')}`,
    )
    if (child.exitCode !== null) throw new Error(`cannot start ${name}: ${heard().join('\n')}`)
    return { name, heard, end: () => endChild(child) }
  }
}

function collect(child: ChildProcess, name: 'stdout' | 'stderr' = 'stderr'): () => readonly string[] {
  let text = ''
  child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return () => text.split('\n').filter((line) => line !== '')
}

/** nsenter is its parent: ending that ends it, since it was told to die with its parent. */
async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

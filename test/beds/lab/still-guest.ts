// Guests that never run: QEMU processes whose RAM holds just what a test puts there, up in a moment.
import { join } from 'node:path'
import type { LabHost } from './lab-host.ts'
import { identify, killAll, listNamespace } from './processes.ts'

export interface StillGuestOptions {
  readonly name: string
  readonly ramMiB: number
  /** RAM as QEMU's option -object describes it; its id must be ram0. Default: private, all present, out of KSM's sight. */
  readonly memory?: string
  /** Files whose content lies in RAM, from 64 MiB on, one behind the other at multiples of `stepMiB`. */
  readonly contents?: readonly string[]
  readonly stepMiB?: number
  /** Values of -drive; `if=none` is put in front. */
  readonly drives?: readonly string[]
  /** Further options and their values. */
  readonly options?: readonly string[]
}

export interface StillGuest {
  readonly name: string
  /** As the tests see it. */
  readonly pid: number
  /** As the lab host sees it. */
  readonly pidInHost: number
  /** Resolves when it is gone; where it has gone already, at once. */
  kill(): Promise<void>
}

const FIRST_CONTENT_MIB = 64

/** Starts one in a lab host, with which it ends. */
export async function startStillGuest(host: LabHost, options: StillGuestOptions): Promise<StillGuest> {
  const { name, ramMiB, contents = [], stepMiB = 64, drives = [], options: more = [] } = options
  const pidFile = join('/run/lab', `${name}.pid`)
  const memory = options.memory ?? `memory-backend-ram,id=ram0,size=${ramMiB}M,prealloc=on,merge=off`
  // The machine's own switch marks RAM as mergeable whatever its backend says.
  const merge = memory.includes('merge=off') ? 'off' : 'on'
  const loaded = contents.flatMap((file, index) => {
    const address = (FIRST_CONTENT_MIB + index * stepMiB) * 2 ** 20
    return ['-device', `loader,file=${file},addr=${address},force-raw=on`]
  })
  const args = [
    ['-name', `guest=${name}`],
    ['-nodefaults', '-no-user-config', '-display', 'none', '-S', '-accel', 'tcg,tb-size=16'],
    ['-m', `${ramMiB}M`, '-object', memory, '-machine', `pc,memory-backend=ram0,mem-merge=${merge}`],
    loaded,
    drives.flatMap((drive, index) => ['-drive', `if=none,id=disk${index},${drive}`]),
    more,
    ['-pidfile', pidFile, '-daemonize'],
  ].flat()
  const command = ['exec qemu-system-x86_64', ...args.map((arg) => `'${arg}'`)].join(' ')
  const started = await host.exec(command)
  if (started.code !== 0) throw new Error(`cannot start guest ${name}: ${started.stderr.trim()}`)
  const pidInHost = Number((await host.exec(`cat ${pidFile}`)).stdout)
  const pid = listNamespace(host.initPid).get(pidInHost)
  if (pid === undefined) throw new Error(`cannot find guest ${name}: no process ${pidInHost} in ${host.name}`)
  const id = identify(pid)
  return { name, pid, pidInHost, kill: () => killAll([id]) }
}

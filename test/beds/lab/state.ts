// The lab's record on disk, written before what it names comes into being, so that a later lab can remove it all.
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KsmSettings } from './ksm-settings.ts'
import type { GuestSize, HostKind } from './options.ts'
import { identify, isAlive, type ProcessId } from './processes.ts'
import type { ReadAhead } from './read-ahead.ts'
import type { GuestLogin } from './real-guest.ts'

export interface GuestRecord {
  readonly name: string
  readonly size: GuestSize
  /** Pid in the machine's PID namespace, and as seen inside the lab host. */
  readonly pid: number
  readonly pidInHost: number
  readonly images: readonly string[]
  /** Where it takes commands: small guests. */
  readonly serialSocket?: string
  /** How root logs into it: real guests. */
  readonly login?: GuestLogin
  /** What it prints. */
  readonly serialLog: string
  /** A spare QMP monitor; undefined under libvirt, which keeps its own to itself. */
  readonly qmpSocket?: string
}

export interface HostRecord {
  readonly name: string
  readonly kind: HostKind
  readonly folder: string
  readonly port: number
  readonly hostPublicKey: string
  readonly hostKeyFingerprint: string
  readonly init: ProcessId
  readonly cgroups: readonly string[]
  readonly guests: readonly GuestRecord[]
}

export interface LabState {
  readonly owner: ProcessId
  /** Processes and KSM settings of an earlier boot mean nothing any more. */
  readonly bootId: string
  readonly detached: boolean
  readonly phase: 'starting' | 'up'
  readonly startedAt: string
  readonly ksm: KsmSettings
  /** As found, where the lab has changed it. */
  readonly readAhead?: ReadAhead
  /** Everything to kill: the unshare of each host and its init. */
  readonly processes: readonly ProcessId[]
  readonly cgroups: readonly string[]
  readonly hosts: readonly HostRecord[]
}

export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

export function readState(dir: string): LabState | undefined {
  const path = join(dir, 'state.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as LabState) : undefined
}

export function writeState(dir: string, state: LabState): void {
  writeFileSync(join(dir, 'state.json.new'), `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  renameSync(join(dir, 'state.json.new'), join(dir, 'state.json'))
}

/** Whether the lab is somebody's, rather than a leftover of a process that died. */
export function isHeld(state: LabState): boolean {
  if (state.bootId !== readBootId()) return false
  if (isAlive(state.owner)) return true
  return state.detached && state.phase === 'up' && state.hosts.every((host) => isAlive(host.init))
}

/** Keeps other processes from changing the lab in dir meanwhile; says who does if one is at it. */
export async function withLock<T>(dir: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dir, { recursive: true })
  const lock = join(dir, 'lock')
  takeLock(lock)
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function takeLock(lock: string): void {
  const mine = `${lock}.${process.pid}`
  writeFileSync(mine, JSON.stringify(identify(process.pid)))
  try {
    // A link appears with its content and fails where one is, both at once.
    linkSync(mine, lock)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const holder = JSON.parse(readFileSync(lock, 'utf8')) as ProcessId
    if (isAlive(holder)) throw new Error(`cannot change the lab ${lock}: process ${holder.pid} is doing so`)
    renameSync(mine, lock)
  } finally {
    rmSync(mine, { force: true })
  }
}

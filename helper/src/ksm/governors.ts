// Other programs that write the knobs of KSM, found among the processes, and how they are paused.
import { type Stats, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { KsmSettings } from '../../../src/shared/contract/ksm.ts'
import { stateFolders } from '../changes/state-folders.ts'
import { HeldProcesses, ownerOf } from '../held/held-processes.ts'
import { readCmdline } from '../kernel/cmdline.ts'
import { statProgram } from '../kernel/exe.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { MountTable } from '../kernel/mount-table.ts'
import { listPids, readComm } from '../kernel/pids.ts'
import { readStartTime } from '../kernel/process-stat.ts'
import { readProcessStatus } from '../kernel/process-status.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'
import type { PausedProcess } from './journal.ts'

export interface Governor {
  readonly name: string
  /** Absent: the kernel's own advisor. */
  readonly pid?: number
  /** It does nothing but govern KSM, so it may be paused while we do. */
  readonly pausable: boolean
}

// The kernel cuts a process's name to 15 characters.
const programs: Readonly<Record<string, { name: string; pausable: boolean }>> = {
  ksmtuned: { name: 'ksmtuned', pausable: true },
  momd: { name: 'MOM', pausable: false },
  'virt-handler': { name: 'virt-handler (KubeVirt)', pausable: false },
  'harvester-node-': { name: 'harvester-node-manager', pausable: false },
}
// Names of processes that may be interpreters of such a program.
const interpreters = /^(python|bash|sh|dash)/

/** The kernel's advisor, and visible processes that govern KSM, by name and owner. Goes through all processes.
 * Needs no privilege; processes that /proc hides are missed. */
export async function findGovernors(root: KernelRoot, settings: KsmSettings): Promise<Governor[]> {
  const mode = settings.advisorMode
  const advisor =
    mode === undefined || mode === 'none' ? [] : [{ name: `kernel advisor (${mode})`, pausable: false }]
  const found: Governor[] = []
  const look = { root, mounts: new MountTable(root), held: HeldProcesses.read(stateFolders(process.env)) }
  for (const pid of await listPids(root)) {
    const program = await findProgram(look, pid)
    // One that has ended keeps its name until its parent asks for it.
    if (program !== undefined && (await readStartTime(root, pid)) !== undefined)
      found.push({ ...program, pid })
  }
  return [...advisor, ...found]
}

/** `ksmtuned (process 12)`, one text each. */
export function describeGovernors(governors: readonly Governor[]): string[] {
  return governors.map(({ name, pid }) => (pid === undefined ? name : `${name} (process ${pid})`))
}

/** What `pauseGovernor` needs to know; undefined for one that may not be paused or has ended. Needs no privilege. */
export async function identifyPausable(
  root: KernelRoot,
  governor: Governor,
): Promise<PausedProcess | undefined> {
  if (governor.pid === undefined || !governor.pausable) return undefined
  const startTime = await readStartTime(root, governor.pid)
  return startTime === undefined ? undefined : { pid: governor.pid, startTime, name: governor.name }
}

/** Stops the process with SIGSTOP, unless it has ended. Needs root. */
export async function pauseGovernor(root: KernelRoot, governor: PausedProcess): Promise<void> {
  if ((await readStartTime(root, governor.pid)) === governor.startTime) signal(governor.pid, 'SIGSTOP')
}

/** Lets it continue, unless it has ended. Needs root. */
export async function continueGovernor(root: KernelRoot, paused: PausedProcess): Promise<void> {
  if ((await readStartTime(root, paused.pid)) === paused.startTime) signal(paused.pid, 'SIGCONT')
}

type Program = (typeof programs)[string]

interface Look {
  readonly root: KernelRoot
  readonly mounts: MountTable
  readonly held: HeldProcesses
}

/**
 * Anybody can give a process such a name: it counts only where root runs it, or what it runs is root's program. The
 * command line, which a process can keep from being read, is looked at last.
 */
async function findProgram(look: Look, pid: number): Promise<Program | undefined> {
  const { root } = look
  const comm = await readComm(root, pid)
  if (comm === undefined) return undefined
  const known = Object.hasOwn(programs, comm) ? programs[comm] : undefined
  if (known === undefined && !interpreters.test(comm)) return undefined
  const credentials = readProcessStatus(root, pid)?.credentials
  if (credentials === undefined) return undefined
  // Root of a container that may do little has not all of root's capabilities.
  const isOfRootItself = credentials.uid === 0 && credentials.readsAll
  if (known !== undefined && isOfRootItself) return known
  if (!isOfRootItself && !runsProgramOfRoot(look, pid)) return undefined
  if (!look.held.isEmpty && (await isHeld(look, pid, credentials.uid))) return undefined
  const path = findScript(root, pid)
  const program = known ?? (Object.hasOwn(programs, basename(path)) ? programs[basename(path)] : undefined)
  return isOfRootItself || isRootsFile(path) ? program : undefined
}

async function isHeld({ root, held }: Look, pid: number, uid: number): Promise<boolean> {
  const startTime = (await readStartTime(root, pid)) ?? ''
  return held.explain({ pid, startTime, owner: ownerOf(root, pid, uid) }) !== undefined
}

/** What is run, as the process says it. */
function findScript(root: KernelRoot, pid: number): string {
  const [first = '', second = ''] = readCmdline(root, pid)?.args ?? []
  return interpreters.test(basename(first)) ? second : first
}

// Only these are looked at: a path that a process names can lead anywhere.
const programFolders = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/libexec', '/sbin', '/bin']

/** MOM of oVirt is no root's process, but a program that only root can replace. */
function runsProgramOfRoot({ root, mounts }: Look, pid: number): boolean {
  return isOfRoot(() => statProgram(root, pid, mounts))
}

function isRootsFile(path: string): boolean {
  return programFolders.includes(dirname(path)) && isOfRoot(() => statSync(path))
}

function isOfRoot(readStatus: () => Stats | undefined): boolean {
  try {
    const { uid, mode } = readStatus() ?? {}
    return uid === 0 && mode !== undefined && (mode & 0o022) === 0
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return false
  }
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw systemProblem(error, `send ${name} to process ${pid}`)
  }
}

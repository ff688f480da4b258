// Whether the tests leave the machine as they found it: KSM settings, khugepaged's sleep, readahead of the disk, processes, mounts.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { readKhugepagedSleep } from './beds/lab/khugepaged-knob.ts'
import { readKsmSettings } from './beds/lab/ksm-settings.ts'
import { isAlive, killAll, type ProcessId, readStartTime } from './beds/lab/processes.ts'
import { findReadAhead } from './beds/lab/read-ahead.ts'

const GRACE_MS = 30_000

export interface TestRun {
  /** Everything that this run starts has this in its environment or on its command line. */
  readonly id: string
  /** Everything that this run writes outside of the checkout is below it. */
  readonly folder: string
}

export interface MachineState {
  readonly settings: Readonly<Record<string, string>>
}

export function readMachineState(folder: string): MachineState {
  const ksm = Object.entries(readKsmSettings()).map(([knob, value]) => [`KSM's ${knob}`, value])
  const readAhead = findReadAhead(folder)
  const sleep = readKhugepagedSleep()
  const others = [
    ...(sleep === undefined ? [] : [["khugepaged's scan_sleep_millisecs", String(sleep)]]),
    ...(readAhead ? [[readAhead.file, readAhead.kib]] : []),
  ]
  return { settings: Object.fromEntries([...ksm, ...others]) }
}

/**
 * Lists what differs from the state before, kills processes that are left, and removes the run's folder.
 * Another run on this machine at the same time is told apart, except for KSM, of which a kernel has one.
 */
export async function tidyUp(run: TestRun, before: MachineState): Promise<string[]> {
  const left = await waitForProcesses(run)
  const complaints = [
    ...listChanges(before.settings, readMachineState(run.folder).settings),
    ...left.map(({ pid, command }) => `process left running: ${pid} ${command}`),
  ]
  await killAll(left)
  const mounts = listMounts(run.folder)
  complaints.push(...mounts.map((mount) => `mount left: ${mount}`))
  // Through a mount that is left, removing would reach what is mounted.
  if (mounts.length === 0) rmSync(run.folder, { recursive: true, force: true })
  return complaints
}

function listChanges(before: MachineState['settings'], after: MachineState['settings']): string[] {
  return Object.keys({ ...before, ...after })
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name} was ${before[name] ?? 'absent'} and is ${after[name] ?? 'absent'}`)
}

interface LeftProcess extends ProcessId {
  readonly command: string
}

/** Programs told to end may take a moment; what outlives the grace time is left over. */
async function waitForProcesses(run: TestRun): Promise<LeftProcess[]> {
  const deadline = Date.now() + GRACE_MS
  let left = listProcesses(run)
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(100)
    left = left.filter(isAlive)
  }
  return left.length > 0 ? listProcesses(run) : []
}

function listProcesses(run: TestRun): LeftProcess[] {
  const own = String(process.pid)
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== own)
  return pids.flatMap((pid) => {
    const command = readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
    // sshd writes its title over its environment, but names its configuration on its command line.
    const isOurs = readText(`/proc/${pid}/environ`).includes(run.id) || command.includes(run.id)
    const startTime = isOurs ? readStartTime(Number(pid)) : undefined
    return startTime === undefined ? [] : [{ pid: Number(pid), startTime, command: command.slice(0, 160) }]
  })
}

/** Empty for a process that is gone or, without root, another user's. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return ''
    throw error
  }
}

function listMounts(folder: string): string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
  return points.filter((point) => point === folder || point.startsWith(`${folder}/`))
}

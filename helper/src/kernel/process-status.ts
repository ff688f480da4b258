// /proc/<pid>/status: whose a process is, and how many descriptors it has room for.
import { readFileSync } from 'node:fs'
import { Problem } from '../../../src/shared/problem.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { type KernelRoot, liveKernel, processPath } from './kernel-root.ts'
import { readIfThere } from './read-if-there.ts'
import { errnoOf, systemProblem } from './system-error.ts'

/** What the kernel judges a process's access to files by. */
export interface FileCredentials {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  /** May read files of others (CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH). */
  readonly readsAll: boolean
}

export interface ProcessStatus {
  readonly credentials: FileCredentials
  /** Room of the table of descriptors: none has a number from here on. */
  readonly descriptorRoom: number
}

/**
 * Reads without waiting, so that a caller that reads twice around another look leaves the process no time in between.
 * undefined: it has ended.
 */
export function readProcessStatus(root: KernelRoot, pid: number): ProcessStatus | undefined {
  const path = processPath(root, pid, 'status')
  try {
    return parseProcessStatus(readFileSync(path, 'utf8'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw systemProblem(error, `read ${path}`)
  }
}

/** undefined: it has ended, or has no parent that is visible here. */
export async function readParentPid(root: KernelRoot, pid: number): Promise<number | undefined> {
  return parseParentPid((await readIfThere(processPath(root, pid, 'status'))) ?? '')
}

export interface MemoryOfProcess {
  /** VmPTE. Absent: not reported. */
  readonly pageTableBytes?: number
  /** VmSwap. Absent: not reported. */
  readonly swapBytes?: number
}

/** Empty where it has ended. */
export async function readMemoryOfProcess(root: KernelRoot, pid: number): Promise<MemoryOfProcess> {
  return parseMemoryOfProcess((await readIfThere(processPath(root, pid, 'status'))) ?? '')
}

/** Fields that are no sizes count as absent. Pure. */
export function parseMemoryOfProcess(text: string): MemoryOfProcess {
  const bytesOf = (name: string) => {
    const kibibytes = /^(\d+) kB$/.exec(statusField(text, name) ?? '')?.[1]
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
  }
  return withValue({ pageTableBytes: bytesOf('VmPTE'), swapBytes: bytesOf('VmSwap') })
}

/** undefined: it has none in this PID namespace. */
export function parseParentPid(text: string): number | undefined {
  return Number(statusField(text, 'PPid') ?? 0) || undefined
}

/** Numbers of the capabilities that this process may use now. Source: linux/capability.h. */
export function readOwnCapabilities(): ReadonlySet<number> {
  return parseEffectiveCapabilities(readFileSync(processPath(liveKernel, 'self', 'status'), 'utf8'))
}

/** Numbers of the capabilities that count now. Throws `not-supported` where the status has none. */
export function parseEffectiveCapabilities(status: string): ReadonlySet<number> {
  const bits = parseCapabilityBits(status)
  if (bits === undefined)
    throw new Problem('not-supported', 'cannot read the status of this process: no CapEff')
  const numbers = Array.from({ length: 64 }, (_, number) => number)
  return new Set(numbers.filter((number) => (bits >> BigInt(number)) & 1n))
}

function parseCapabilityBits(status: string): bigint | undefined {
  const hex = statusField(status, 'CapEff') ?? ''
  return /^[0-9a-f]+$/.test(hex) ? BigInt(`0x${hex}`) : undefined
}

const capDacOverride = 1n << 1n
const capDacReadSearch = 1n << 2n

/**
 * A field of /proc/<pid>/status. Only a line feed begins a line: a process's own name, in the first one, may hold what
 * regular expressions and terminals take for line ends, so that `\rUid:0 0 0 0` would make it root (kernel source:
 * proc_task_name escapes line feeds and backslashes alone).
 */
function statusField(text: string, name: string): string | undefined {
  const start = text.startsWith(`${name}:`) ? 0 : text.indexOf(`\n${name}:`) + 1
  if (start === 0 && !text.startsWith(`${name}:`)) return undefined
  const end = text.indexOf('\n', start)
  return text.slice(start + name.length + 1, end < 0 ? undefined : end).trim()
}

/** undefined: fields are missing. */
export function parseProcessStatus(text: string): ProcessStatus | undefined {
  const field = (name: string) => statusField(text, name)
  const numbers = (name: string) => field(name)?.split(/\s+/).filter(Boolean).map(Number)
  // Real, effective, saved, file system.
  const [uid, gid] = [numbers('Uid')?.[3], numbers('Gid')?.[3]]
  const groups = numbers('Groups')
  const bits = parseCapabilityBits(text)
  if (uid === undefined || gid === undefined || groups === undefined || bits === undefined) return undefined
  return {
    credentials: {
      uid,
      gid,
      groups,
      readsAll: (bits & capDacOverride) !== 0n && (bits & capDacReadSearch) !== 0n,
    },
    descriptorRoom: numbers('FDSize')?.[0] ?? 0,
  }
}

/** Whether files open for one of them open for the other too. */
export function isSameUser(a: FileCredentials, b: FileCredentials): boolean {
  return (
    a.uid === b.uid && a.gid === b.gid && a.readsAll === b.readsAll && a.groups.join() === b.groups.join()
  )
}

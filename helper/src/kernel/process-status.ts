// /proc/<pid>/status: whose a process is, and how many descriptors it has room for.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KernelRoot } from './kernel-root.ts'
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
  const path = join(root.proc, String(pid), 'status')
  try {
    return parseProcessStatus(readFileSync(path, 'utf8'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw systemProblem(error, `read ${path}`)
  }
}

const capDacOverride = 1n << 1n
const capDacReadSearch = 1n << 2n

/**
 * A field of /proc/<pid>/status. Only a line feed begins a line: a process's own name, in the first one, may hold what
 * regular expressions and terminals take for line ends, so that `\rUid:0 0 0 0` would make it root (kernel source:
 * proc_task_name escapes line feeds and backslashes alone).
 */
export function statusField(text: string, name: string): string | undefined {
  return text
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim()
}

/** undefined: fields are missing. */
export function parseProcessStatus(text: string): ProcessStatus | undefined {
  const field = (name: string) => statusField(text, name)
  const numbers = (name: string) => field(name)?.split(/\s+/).filter(Boolean).map(Number)
  // Real, effective, saved, file system.
  const [uid, gid] = [numbers('Uid')?.[3], numbers('Gid')?.[3]]
  const groups = numbers('Groups')
  const capabilities = field('CapEff')
  if (
    uid === undefined ||
    gid === undefined ||
    groups === undefined ||
    !/^[0-9a-f]+$/.test(capabilities ?? '')
  )
    return undefined
  const mask = BigInt(`0x${capabilities}`)
  return {
    credentials: {
      uid,
      gid,
      groups,
      readsAll: (mask & capDacOverride) !== 0n && (mask & capDacReadSearch) !== 0n,
    },
    descriptorRoom: numbers('FDSize')?.[0] ?? 0,
  }
}

export function isSameUser(a: FileCredentials, b: FileCredentials): boolean {
  return (
    a.uid === b.uid && a.gid === b.gid && a.readsAll === b.readsAll && a.groups.join() === b.groups.join()
  )
}

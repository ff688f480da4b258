// Parts of a process's memory whose pages a program hands out as it likes, or never: reading such a page waits for it.
import { formatBytes } from '../../../src/shared/units.ts'
import { readSharedMemoryDevice } from '../kernel/mapped-files.ts'
import { isServedByUser, type MountTable } from '../kernel/mount-table.ts'
import type { Mapping } from '../kernel/smaps.ts'
import { sizeOf } from './guest-ram.ts'

/** Pages that are missing (`um`), or that no page table has yet (`ui`), come from a program. Source: proc_pid_smaps(5). */
const suppliedFlags = ['um', 'ui']

export interface SortedMemory {
  /** Backed by the kernel alone, or by file systems that root mounted. */
  readonly readable: readonly Mapping[]
  /** What is left out, a reason each. */
  readonly served: readonly string[]
}

/** Of one process, at the time of its look: it may map others a moment later, for which reads are watched. */
export function leaveServedOut(
  mappings: readonly Mapping[],
  mounts: MountTable,
  pid: number,
  sharedMemoryDevice = readSharedMemoryDevice,
): SortedMemory {
  const readable: Mapping[] = []
  const bytesByReason = new Map<string, number>()
  for (const mapping of mappings) {
    const reason = explainServed(mapping, mounts, pid, sharedMemoryDevice)
    if (reason === undefined) readable.push(mapping)
    else bytesByReason.set(reason, (bytesByReason.get(reason) ?? 0) + sizeOf(mapping))
  }
  const served = [...bytesByReason].map(([reason, bytes]) => `${formatBytes(bytes)} ${reason}`)
  return { readable, served }
}

function explainServed(
  mapping: Mapping,
  mounts: MountTable,
  pid: number,
  sharedMemoryDevice: () => string,
): string | undefined {
  if (suppliedFlags.some((flag) => mapping.flags.has(flag)))
    return 'have a program that supplies their pages (userfaultfd), as while a guest is migrated'
  // Reserved huge pages are the kernel's own, also where no mount has them.
  if (mapping.inode === 0 || mapping.flags.has('ht')) return undefined
  const mount = mounts.mountOf(pid, { device: mapping.device })
  if (mount === undefined) {
    if (mapping.device === sharedMemoryDevice()) return undefined
    return `are a file on a file system that is mounted nowhere here (device ${mapping.device})`
  }
  if (!isServedByUser(mount)) return undefined
  return `are a file on a file system that a user serves (${mount.type} at ${mount.mountPoint})`
}

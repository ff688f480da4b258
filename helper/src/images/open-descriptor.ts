// The one place where descriptors of guests are opened. A guest may be hostile: it chooses what its descriptors are, and
// changes them between two looks of ours.
import { closeSync, constants } from 'node:fs'
import { Problem } from '../../../src/shared/problem.ts'
import { withFileCredentials } from '../kernel/credentials.ts'
import { pinDescriptor, reopenOwnDescriptor } from '../kernel/descriptors.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import type { FileCredentials } from '../kernel/process-status.ts'
import { type FileStatus, readFileStatus } from '../kernel/statx.ts'
import { errnoOf } from '../kernel/system-error.ts'
import { identityOf } from './image-identity.ts'

/** A descriptor of a guest, and whose rights its opening is limited to. */
export interface DescriptorPlace {
  readonly root: KernelRoot
  readonly pid: number
  readonly fd: string
  readonly credentials: FileCredentials
}

/** Throws ENOENT where the descriptor is closed or the process has ended. */
export function withPinned<T>(place: Omit<DescriptorPlace, 'credentials'>, work: (pinned: number) => T): T {
  const pinned = pinDescriptor(place.root, place.pid, place.fd)
  try {
    return work(pinned)
  } finally {
    closeSync(pinned)
  }
}

/**
 * Opens what is pinned for reading, with the rights of the guest's user: the kernel refuses what that user may not read,
 * whoever opened the descriptor. Neither waits for a lease to be given up nor takes a terminal.
 */
function reopenPinned(pinned: number, credentials: FileCredentials, flags = 0): number {
  const how = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | flags
  return withFileCredentials(credentials, () => reopenOwnDescriptor(pinned, how))
}

/**
 * Opens a descriptor for reading if it still is the file or block device of this identity. The caller closes it.
 * Throws `gone` where it is not, `not-permitted` where the guest's user may not read it, `busy` for a lease.
 */
export function openDescriptor(place: DescriptorPlace, id: string, flags = 0): number {
  return withPinned(place, (pinned) => {
    const status = readFileStatus(pinned)
    if (status.kind === 'other' || identityOf(place.root, status) !== id)
      throw new Problem(
        'gone',
        `cannot open descriptor ${place.fd} of guest ${place.pid}: it is another file by now`,
      )
    return openAsGuest(pinned, status, place.credentials, flags)
  })
}

/** As `reopenPinned`, for a regular file or block device, with failures that name the user. */
export function openAsGuest(
  pinned: number,
  { kind }: FileStatus,
  credentials: FileCredentials,
  flags = 0,
): number {
  if (kind === 'other')
    throw new Problem('not-applicable', 'cannot open it: it is neither a regular file nor a block device')
  try {
    return reopenPinned(pinned, credentials, flags)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'EACCES' || errno === 'EPERM') throw notReadable(credentials, error)
    if (errno === 'EAGAIN')
      throw new Problem('busy', 'cannot open it: a process holds a lease on it', { cause: error })
    throw error
  }
}

function notReadable({ uid }: FileCredentials, cause: unknown): Problem {
  return new Problem(
    'not-permitted',
    `cannot open it: user ${uid}, as whom its guest runs, may not read it`,
    {
      cause,
      remedy: `Let user ${uid} read the file: the helper reads no more for a guest than the guest's user may.`,
    },
  )
}

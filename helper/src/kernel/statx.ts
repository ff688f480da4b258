// statx(2): what a file is, without asking a network's or a user's file server, which might never answer.
import { addressOf, systemCall, systemCallNumber } from './libc.ts'

export type FileKind = 'file' | 'block-device' | 'other'

/** Reported even where the file itself may not be examined. */
export interface FilePlace {
  /** Device number `major:minor` of the file system. */
  readonly device: string
  /** As in mountinfo; absent before Linux 5.8. */
  readonly mountId?: number
}

export interface FileStatus extends FilePlace {
  readonly kind: FileKind
  readonly inode: string
  /** Device number `major:minor` that a block device stands for. */
  readonly standsFor: string
  readonly sizeBytes: number
  readonly linkCount: number
  readonly uid: number
  readonly gid: number
  readonly mode: number
  /** Seconds and nanoseconds; absent where the file system keeps no time of birth. */
  readonly bornAt?: string
}

const AT_EMPTY_PATH = 0x1000
const AT_STATX_DONT_SYNC = 0x4000
const STATX_BASIC_STATS = 0x7ff
const STATX_BTIME = 0x800
const STATX_MNT_ID = 0x1000
const statxNumber = systemCallNumber(332, 291)

class StatxArguments {
  readonly #path = new Uint8Array(new ArrayBuffer(8))
  readonly #result = new Uint8Array(new ArrayBuffer(256))
  readonly #pathAddress = addressOf(this.#path)
  readonly #resultAddress = addressOf(this.#result)
  readonly #view = new DataView(this.#result.buffer)

  ask(fd: number, mask: number): DataView {
    const flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC
    systemCall('statx', statxNumber, fd, this.#pathAddress, flags, mask, this.#resultAddress)
    return this.#view
  }
}

const callArguments = new StatxArguments()

/** Asks for the place alone, which the kernel knows without its file system. Throws ENOSYS before Linux 4.11. */
export function readFilePlace(fd: number): FilePlace {
  return parsePlace(callArguments.ask(fd, 0))
}

/** From what the kernel knows already. EACCES: a file system of another user's (FUSE) that lets nobody else look. */
export function readFileStatus(fd: number): FileStatus {
  return parseFileStatus(callArguments.ask(fd, STATX_BASIC_STATS | STATX_BTIME))
}

function parsePlace(result: DataView): FilePlace {
  const device = `${result.getUint32(136, true)}:${result.getUint32(140, true)}`
  const hasMount = (result.getUint32(0, true) & STATX_MNT_ID) !== 0
  return { device, ...(hasMount && { mountId: Number(result.getBigUint64(144, true)) }) }
}

const fileTypes = new Map<number, FileKind>([
  [0o100000, 'file'],
  [0o060000, 'block-device'],
])

function parseFileStatus(result: DataView): FileStatus {
  const hasBirth = (result.getUint32(0, true) & STATX_BTIME) !== 0
  const mode = result.getUint16(28, true)
  return {
    ...parsePlace(result),
    kind: fileTypes.get(mode & 0o170000) ?? 'other',
    inode: String(result.getBigUint64(32, true)),
    standsFor: `${result.getUint32(128, true)}:${result.getUint32(132, true)}`,
    sizeBytes: Number(result.getBigUint64(40, true)),
    linkCount: result.getUint32(16, true),
    uid: result.getUint32(20, true),
    gid: result.getUint32(24, true),
    mode: mode & 0o7777,
    ...(hasBirth && { bornAt: `${result.getBigInt64(80, true)}.${result.getUint32(88, true)}` }),
  }
}

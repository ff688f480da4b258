// System calls for a socket that another process names: paths below its root, and who listens there.
import { closeSync, constants } from 'node:fs'
import { O_PATH, ownDescriptorPath } from './descriptors.ts'
import { addressOf, systemCall, systemCallNumber } from './libc.ts'
import { readPeer } from './peer-credentials.ts'

const openat2Number = systemCallNumber(437, 437)
const pidfdOpenNumber = systemCallNumber(434, 434)
const pidfdGetfdNumber = systemCallNumber(438, 438)
const socketNumber = systemCallNumber(41, 198)
const connectNumber = systemCallNumber(42, 203)

const currentFolder = -100
const closeOnExec = 0o2000000
const resolveNoMagicLinks = 0x2
const resolveNoLinks = 0x4
const resolveBeneath = 0x8
const resolveInRoot = 0x10

/** A folder of /proc that leads to another process's files (`root`, `cwd`), opened for looking up paths only. */
export function openFolder(path: string): number {
  return openat2(currentFolder, path, O_PATH | closeOnExec | constants.O_DIRECTORY, 0)
}

/**
 * Opens what `path` names below `folder` for looking only: no link is followed, and nothing above is reached. A device
 * or FIFO is not opened by it. An absolute path counts from `folder`. Source: openat2(2), Linux >= 5.6.
 */
export function openBelow(folder: number, path: string): number {
  const place = path.startsWith('/') ? resolveInRoot : resolveBeneath
  const flags = O_PATH | closeOnExec | constants.O_NOFOLLOW
  return openat2(folder, path, flags, resolveNoLinks | resolveNoMagicLinks | place)
}

function openat2(folder: number, path: string, flags: number, resolve: number): number {
  const name = textBytes(path)
  const how = new BigUint64Array(new ArrayBuffer(24))
  how.set([BigInt(flags), 0n, BigInt(resolve)])
  return systemCall('openat2', openat2Number, folder, addressOf(name), addressOf(how), how.byteLength)
}

const unixFamily = 1
const streamType = 1
const nonBlocking = 0o4000

/** Connects to the socket that `fd` of this process, opened for looking only, stands for. Does not wait. Source: connect(2). */
export function connectTo(fd: number): number {
  const socket = systemCall('socket', socketNumber, unixFamily, streamType | nonBlocking | closeOnExec, 0)
  const path = textBytes(ownDescriptorPath(fd))
  const address = new Uint8Array(new ArrayBuffer(2 + path.length))
  address.set([unixFamily, 0, ...path])
  try {
    systemCall('connect', connectNumber, socket, addressOf(address), address.length)
    return socket
  } catch (error) {
    closeSync(socket)
    throw error
  }
}

/** The process that listens at the other end, in this PID namespace; 0 where it is not visible here. Source: unix(7), SO_PEERCRED. */
export function readPeerPid(socket: number): number {
  return readPeer(socket).pid
}

/** A copy of another process's descriptor. Needs the right to trace it. Source: pidfd_getfd(2), Linux >= 5.6. */
export function copyDescriptor(pid: number, fd: number): number {
  const pidfd = systemCall('pidfd_open', pidfdOpenNumber, pid, 0)
  try {
    return systemCall('pidfd_getfd', pidfdGetfdNumber, pidfd, fd, 0)
  } finally {
    closeSync(pidfd)
  }
}

/** In memory of its own, which stays where it is. */
function textBytes(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(`${text}\0`)
  const own = new Uint8Array(new ArrayBuffer(bytes.length))
  own.set(bytes)
  return own
}

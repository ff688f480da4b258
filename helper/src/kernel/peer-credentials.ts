// Who is at the other end of a unix socket, as the kernel knows it.
import { addressOf, systemCall, systemCallNumber } from './libc.ts'

const getsockoptNumber = systemCallNumber(55, 209)
const socketLevel = 1
const peerCredentials = 17

export interface Peer {
  /** In this PID namespace; 0 where it is not visible here. */
  readonly pid: number
  readonly uid: number
  readonly gid: number
}

/** As they were when the other end connected, or began to listen. Source: unix(7), SO_PEERCRED. */
export function readPeer(socket: number): Peer {
  const credentials = new Uint32Array(new ArrayBuffer(12))
  const length = new Uint32Array(new ArrayBuffer(4))
  length[0] = credentials.byteLength
  const [to, size] = [addressOf(credentials), addressOf(length)]
  systemCall('getsockopt', getsockoptNumber, socket, socketLevel, peerCredentials, to, size)
  const [pid = 0, uid = 0xffffffff, gid = 0xffffffff] = credentials
  return { pid, uid, gid }
}

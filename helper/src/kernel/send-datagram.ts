// One datagram to a unix socket: node:dgram has no unix sockets.
import { closeSync } from 'node:fs'
import { addressOf, systemCall, systemCallNumber } from './libc.ts'

const socketNumber = systemCallNumber(41, 198)
const sendtoNumber = systemCallNumber(44, 206)

const unixFamily = 1
const datagramType = 2
const closeOnExec = 0o2000000
const dontWait = 0x40
const noSignal = 0x4000

/** `address`: a `sockaddr_un`. Throws where nobody takes it at once. Source: sendto(2). */
export function sendDatagram(address: Uint8Array, text: Uint8Array): void {
  const socket = systemCall('socket', socketNumber, unixFamily, datagramType | closeOnExec, 0)
  try {
    const [to, from] = [inPlace(address), inPlace(text)]
    const flags = dontWait | noSignal
    systemCall(
      'sendto',
      sendtoNumber,
      socket,
      addressOf(from),
      text.length,
      flags,
      addressOf(to),
      address.length,
    )
  } finally {
    closeSync(socket)
  }
}

/** In memory of its own, which stays where it is. */
function inPlace(bytes: Uint8Array): Uint8Array {
  const own = new Uint8Array(new ArrayBuffer(bytes.length))
  own.set(bytes)
  return own
}

// Talks with a guest's shell over its serial line; guest-init.sh is the other end.
import { existsSync, readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { waitUntil } from './processes.ts'

const BOOT_TIMEOUT_MS = 180_000

/** What a small guest prints once it has read its files and obeys. */
export const SMALL_GUEST_READY = 'LAB-READY'

/** Waits until the guest has printed that it is ready; the log shows why if it does not. */
export async function waitForGuest(name: string, serialLog: string, ready: string): Promise<void> {
  const read = () => (existsSync(serialLog) ? readFileSync(serialLog, 'latin1') : '')
  await waitUntil(
    () => read().includes(ready) || /LAB-FAILED|Kernel panic/.test(read()),
    BOOT_TIMEOUT_MS,
    () => `cannot boot guest ${name}: not ready after ${BOOT_TIMEOUT_MS / 1000} s: ${read().slice(-500)}`,
  )
  const log = read()
  if (!log.includes(ready) || log.includes('LAB-FAILED')) {
    throw new Error(`cannot boot guest ${name}: ${log.slice(-1000)}`)
  }
}

let lastId = 0

/**
 * Sends one command and returns what it printed; throws if it failed. The line takes one client at a time:
 * further ones, of other processes too, wait for their turn.
 */
export async function sendCommand(socketPath: string, text: string, timeoutMs = 120_000): Promise<string> {
  if (text.includes('\n')) throw new Error('cannot send a command of several lines to a guest')
  const id = `${process.pid}-${++lastId}`
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = createConnection(socketPath)
  const timer = setTimeout(
    () => reject(new Error(`cannot finish "${text}": no end in ${timeoutMs} ms`)),
    timeoutMs,
  )
  let received = ''
  socket.setEncoding('utf8')
  socket.on('connect', () => socket.write(`${id} ${text}\n`))
  socket.on('data', (chunk: string) => {
    received += chunk
    const end = new RegExp(`^END ${id} (\\d+)$`, 'm').exec(received)
    if (!end) return
    const output = received.slice(received.indexOf(`BEGIN ${id}\n`) + `BEGIN ${id}\n`.length, end.index)
    if (end[1] === '0') resolve(output)
    else reject(new Error(`cannot run "${text}" in the guest: exit ${end[1]}: ${output.trim()}`))
  })
  socket.on('error', reject)
  socket.on('close', () => reject(new Error(`cannot finish "${text}": the guest is gone`)))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}

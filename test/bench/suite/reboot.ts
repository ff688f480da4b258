// Boots guests of a suite anew through their monitors: the monitor process, its memory and its images stay.
import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LabGuest } from '../../beds/lab/lab.ts'

const bootTimeoutMs = 240_000

/** Seconds until the guest is ready: booted, and has read all of its files where it is to. `ready`: what its console says then. */
export async function reboot(guest: LabGuest, ready = 'LAB-READY'): Promise<number> {
  const countReady = () => readFileSync(guest.serialLog, 'latin1').split(ready).length
  const before = countReady()
  const from = performance.now()
  if (guest.qmpSocket === undefined) throw new Error(`cannot reboot ${guest.name}: it has no monitor`)
  await sendQmp(guest.qmpSocket, [
    { execute: 'qmp_capabilities' },
    // The lab starts its guests with -no-reboot.
    { execute: 'set-action', arguments: { reboot: 'reset' } },
    { execute: 'system_reset' },
  ])
  while (countReady() === before) {
    if (performance.now() - from > bootTimeoutMs) throw new Error(`cannot reboot ${guest.name}: not ready`)
    await sleep(50)
  }
  return (performance.now() - from) / 1000
}

async function sendQmp(path: string, commands: readonly object[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = createConnection(path)
  let text = ''
  socket.setEncoding('utf8')
  socket.setTimeout(10_000, () => reject(new Error(`cannot talk to the monitor at ${path}: no answer`)))
  socket.on('error', reject)
  socket.on('data', (chunk: string) => {
    text += chunk
    if (text.includes('"error"')) reject(new Error(`cannot command the monitor at ${path}: ${text}`))
    if (text.split('"return"').length > commands.length) resolve()
  })
  for (const command of commands) socket.write(`${JSON.stringify(command)}\n`)
  try {
    await promise
  } finally {
    socket.destroy()
  }
}

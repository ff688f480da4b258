// Live migration of a guest to another QEMU on this machine, in the same lab host.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from '../free-port.ts'
import { attachGuest, type LabGuest, type LabHost } from './lab-host.ts'
import { listNamespace } from './processes.ts'
import { QmpClient } from './qmp-client.ts'

const MIGRATION_TIMEOUT_MS = 120_000
const POLL_MS = 200

export interface Migration {
  /** The guest as it runs on; the process that it came from has not ended, and holds its RAM. */
  readonly arrived: LabGuest
  /** Ends the process that it came from. */
  endSource(): Promise<void>
}

/** Starts a QEMU with the guest's own options that waits for it, and lets the guest move there. */
export async function migrateGuest(host: LabHost, guest: LabGuest): Promise<Migration> {
  if (guest.qmpSocket === undefined)
    throw new Error(`cannot migrate ${guest.name}: it has no monitor to spare`)
  const channel = `${guest.qmpSocket}-in`
  const port = await findFreePort()
  const args = readFileSync(`/proc/${guest.pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  const moved = args.map((arg) => moveArgument(arg, port))
  const command = [...moved, '-incoming', `unix:${channel}`].map((arg) => `'${arg}'`).join(' ')
  const started = await host.exec(`exec ${command}`)
  if (started.code !== 0) throw new Error(`cannot start a QEMU for ${guest.name}: ${started.stderr.trim()}`)
  const source = await QmpClient.connect(guest.qmpSocket)
  await source.run('migrate', { uri: `unix:${channel}` })
  await waitForMigration(source, guest.name)
  const pidFile = moved[moved.indexOf('-pidfile') + 1] ?? ''
  const pidInHost = Number(readFileSync(pidFile, 'utf8'))
  const pid = listNamespace(host.initPid).get(pidInHost)
  if (pid === undefined) throw new Error(`cannot find the QEMU that ${guest.name} has moved to`)
  const login = guest.login === undefined ? {} : { login: { ...guest.login, port } }
  return {
    arrived: attachGuest({
      ...guest,
      pid,
      pidInHost,
      qmpSocket: moveArgument(guest.qmpSocket, port),
      ...login,
    }),
    endSource: async () => {
      await source.tryRun('quit')
      source.close()
    },
  }
}

/** Sockets, logs and the forwarded port of the other process; disks stay. */
function moveArgument(arg: string, port: number): string {
  return arg
    .replace(/\.(qmp|log|pid|serial)(?=$|,)/g, '-in.$1')
    .replace(/(hostfwd=tcp:127\.0\.0\.1:)\d+/, `$1${port}`)
}

async function waitForMigration(source: QmpClient, name: string): Promise<void> {
  const deadline = performance.now() + MIGRATION_TIMEOUT_MS
  for (;;) {
    const { status } = (await source.run('query-migrate')) as { status?: string }
    if (status === 'completed') return
    if (status === 'failed' || performance.now() > deadline)
      throw new Error(`cannot migrate ${name}: ${status ?? 'not begun'}`)
    await sleep(POLL_MS)
  }
}

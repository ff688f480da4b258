// What a test holds of a running lab: its hosts and their guests.
import { join } from 'node:path'
import { InTurn } from '../../../src/shared/time/in-turn.ts'
import { identityFile, makeHostKey, writeSshdConfig } from './host-folder.ts'
import { runInside, runInsideOk } from './namespace.ts'
import type { HostKind } from './options.ts'
import { runInGuestOk } from './real-guest.ts'
import type { RunOptions, RunResult } from './run.ts'
import { sendCommand } from './serial.ts'
import { type GuestRecord, type HostRecord, readState, writeState } from './state.ts'

export interface LabGuest extends GuestRecord {
  /**
   * Runs one command in the guest, a small one over its serial line, and returns its output:
   * ping, read FILE, readall, drop, write FILE MIB, sum FILE, sync, fio ARGS, start COMMAND, stop, meminfo,
   * poweroff, or any other for its shell. FILE is below the disk's root, as files/own/big.bin.
   * In a real guest: any command of its shell, over ssh. Stand-ins take none.
   */
  command(text: string, timeoutMs?: number): Promise<string>
}

export interface LabHost {
  readonly name: string
  readonly kind: HostKind
  readonly address: '127.0.0.1'
  readonly port: number
  readonly user: 'root'
  readonly identityFile: string
  /** SHA256:…, as OpenSSH prints it. */
  readonly hostKeyFingerprint: string
  readonly knownHostsLine: string
  readonly initPid: number
  readonly cgroups: readonly string[]
  readonly guests: readonly LabGuest[]
  /** Runs a shell command as root of the host, without ssh. A failing command is a result, not an error. */
  exec(command: string, options?: RunOptions): Promise<RunResult>
  /** Stops sshd, with its sessions, and starts it on the same port. */
  restartSshd(options?: { readonly newHostKey?: boolean }): Promise<void>
  stopSshd(): Promise<void>
}

export function attachHost(labDir: string, record: HostRecord): LabHost {
  let now = record
  return {
    name: record.name,
    kind: record.kind,
    address: '127.0.0.1',
    port: record.port,
    user: 'root',
    identityFile: identityFile(labDir),
    get hostKeyFingerprint() {
      return now.hostKeyFingerprint
    },
    get knownHostsLine() {
      return `[127.0.0.1]:${record.port} ${now.hostPublicKey}`
    },
    initPid: record.init.pid,
    cgroups: record.cgroups,
    guests: record.guests.map(attachGuest),
    exec: (command, options = {}) => runInside(record.init.pid, command, options),
    stopSshd: () => stopSshd(record.init.pid),
    async restartSshd({ newHostKey = false } = {}) {
      await stopSshd(record.init.pid)
      if (newHostKey) {
        const key = await makeHostKey(record.folder, record.name)
        now = { ...now, hostPublicKey: key.publicKey, hostKeyFingerprint: key.fingerprint }
        rememberHost(labDir, now)
      }
      await startSshd(record.init.pid, record.folder, record.port)
    },
  }
}

// Sessions are sshd processes too and would outlive the listener. Repeated until all have let go of the port.
const KILL_SSHD = `
while :; do
  found=
  for folder in /proc/[0-9]*; do
    name=
    read -r name 2>/dev/null <$folder/comm
    case $name in sshd | sshd-session | sshd-auth) kill -9 \${folder#/proc/} 2>/dev/null; found=1 ;; esac
  done
  [ -n "$found" ] || break
done`

/** Starts sshd inside the host; it is listening when this returns. */
export async function startSshd(initPid: number, folder: string, port: number): Promise<void> {
  const config = writeSshdConfig(folder, port)
  await runInsideOk(initPid, `/usr/sbin/sshd -f '${config}' -E '${join(folder, 'sshd.log')}'`)
}

async function stopSshd(initPid: number): Promise<void> {
  await runInsideOk(initPid, KILL_SSHD, { timeoutMs: 60_000 })
}

export function attachGuest(record: GuestRecord): LabGuest {
  const turns = new InTurn()
  return {
    ...record,
    command: (text, timeoutMs) => {
      const { serialSocket, login } = record
      if (login !== undefined) return runInGuestOk(login, text, timeoutMs)
      if (serialSocket === undefined)
        throw new Error(`cannot send "${text}": ${record.name} takes no commands`)
      return turns.run(() => sendCommand(serialSocket, text, timeoutMs))
    },
  }
}

function rememberHost(labDir: string, host: HostRecord): void {
  const state = readState(labDir)
  if (!state) throw new Error(`cannot record ${host.name}: the lab in ${labDir} is down`)
  writeState(labDir, { ...state, hosts: state.hosts.map((one) => (one.name === host.name ? host : one)) })
}

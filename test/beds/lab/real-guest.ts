// Guests as people run them: Debian with systemd and PostgreSQL, on the devices that libvirt and Proxmox give.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from '../free-port.ts'
import { type DebianImage, ensureDebianImage } from './debian-image.ts'
import { dropCache } from './images.ts'
import { runInsideOk } from './namespace.ts'
import type { HostPlace } from './plain-guest.ts'
import { type RunResult, run, runOk } from './run.ts'
import { ensureWorkImage } from './work-image.ts'

export interface RealGuestOptions {
  readonly size: 'real'
  readonly name?: string
  /** Default 1024. */
  readonly ramMiB?: number
  /** raw: an image of its own. qcow2: an overlay on a base that all such guests share. Default raw. */
  readonly format?: 'raw' | 'qcow2'
  readonly memMerge?: boolean
  /** work: with a database larger than the guest and a source tree. Default plain. */
  readonly content?: 'plain' | 'work'
  /** As QEMU's -cpu has it. Default: one without AVX2, as old hosts have. */
  readonly cpu?: string
}

export interface RealGuestPlan extends Required<RealGuestOptions> {
  readonly hostName: string
}

export interface RealGuestFiles {
  readonly debian: DebianImage
  readonly image: string
  readonly serialLog: string
  readonly qmpSocket: string
}

/** How root of a real guest is reached. */
export interface GuestLogin {
  readonly port: number
  readonly identityFile: string
}

const LOGIN_TIMEOUT_MS = 180_000
const LOGIN_PAUSE_MS = 500
/** What its console shows once it can be logged into. */
export const REAL_GUEST_READY = 'login:'

export function planRealGuest(
  options: RealGuestOptions,
  place: { host: string; name: string },
): RealGuestPlan {
  return {
    size: 'real',
    hostName: place.host,
    name: options.name ?? place.name,
    ramMiB: options.ramMiB ?? 1024,
    format: options.format ?? 'raw',
    memMerge: options.memMerge ?? true,
    content: options.content ?? 'plain',
    cpu: options.cpu ?? 'qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt',
  }
}

/** The guests of the real lab: the first on a raw image, further ones on overlays of one base. */
export function realGuests(count: number): RealGuestOptions[] {
  return Array.from({ length: count }, (_, index) => ({
    size: 'real',
    format: index === 0 ? 'raw' : 'qcow2',
  }))
}

/** Gives a guest an image that it may write to; it goes with the host's folder. Returns its chain. */
export async function buildRealImage(
  guest: RealGuestPlan,
  hostFolder: string,
  progress: (text: string) => void,
): Promise<string[]> {
  const debian = await (guest.content === 'work' ? ensureWorkImage : ensureDebianImage)(progress)
  const image = join(hostFolder, 'guests', `${guest.name}.${guest.format}`)
  if (guest.format === 'raw') {
    await runOk('cp', ['--sparse=always', '--reflink=auto', debian.raw, image])
    await dropCache([debian.raw])
    return [image]
  }
  await runOk('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', debian.qcow2, '-F', 'qcow2', image])
  return [image, debian.qcow2]
}

/** Starts a guest; returns its pid inside the lab host and how to log in. */
export async function startRealGuest(
  guest: RealGuestPlan,
  files: RealGuestFiles,
  host: HostPlace,
): Promise<{ readonly pidInHost: number; readonly login: GuestLogin }> {
  const pidFile = join(host.folder, 'guests', `${guest.name}.pid`)
  const port = await findFreePort()
  const args = [...machineOf(guest), ...devicesOf(files, port), '-pidfile', pidFile, '-daemonize']
  const command = ['exec qemu-system-x86_64', ...args.map((arg) => `'${arg}'`)].join(' ')
  await runInsideOk(host.initPid, command, { cgroups: host.cgroups })
  const login = { port, identityFile: files.debian.identityFile }
  return { pidInHost: Number(readFileSync(pidFile, 'utf8')), login }
}

function machineOf(guest: RealGuestPlan): string[] {
  return [
    ['-name', `guest=${guest.name}`, '-nodefaults', '-no-user-config', '-display', 'none'],
    ['-accel', 'tcg,tb-size=128', '-cpu', guest.cpu],
    ['-machine', `pc,mem-merge=${guest.memMerge ? 'on' : 'off'}`, '-m', `${guest.ramMiB}M`],
  ].flat()
}

function devicesOf(files: RealGuestFiles, port: number): string[] {
  const { debian, image } = files
  const format = image.endsWith('.raw') ? 'raw' : 'qcow2'
  return [
    ['-kernel', debian.kernel, '-initrd', debian.initrd],
    ['-append', 'root=/dev/vda rw console=ttyS0 quiet mitigations=off no_timer_check'],
    ['-drive', `if=none,id=disk0,file=${image},format=${format},cache=writeback`],
    ['-device', 'virtio-blk-pci,drive=disk0', '-device', 'VGA,vgamem_mb=16'],
    ['-netdev', `user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`],
    ['-device', 'virtio-net-pci,netdev=net0', '-device', 'virtio-balloon-pci'],
    ['-object', 'rng-random,id=rng0,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=rng0'],
    ['-usb', '-device', 'usb-tablet'],
    ['-chardev', `file,id=serial0,path=${files.serialLog}`, '-serial', 'chardev:serial0'],
    ['-qmp', `unix:${files.qmpSocket},server=on,wait=off`],
  ].flat()
}

/** Of ssh and scp alike, but for the port. */
function clientOptions({ identityFile }: GuestLogin): string[] {
  return [
    ['-F', 'none', '-i', identityFile],
    // Every guest has the key of the image; the way there is the machine's loopback.
    ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
    ['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'ConnectTimeout=20'],
  ].flat()
}

/** Runs a shell command as root of a real guest; a failing command is a result, not an error. */
export function runInGuest(login: GuestLogin, command: string, timeoutMs = 120_000): Promise<RunResult> {
  const options = [...clientOptions(login), '-p', `${login.port}`]
  return run('ssh', [...options, 'root@127.0.0.1', command], { timeoutMs })
}

/** As `runInGuest`, for a command that must succeed; what it printed. */
export async function runInGuestOk(login: GuestLogin, command: string, timeoutMs?: number): Promise<string> {
  const result = await runInGuest(login, command, timeoutMs)
  if (result.code === 0) return result.stdout
  const reason = (result.stderr || result.stdout).trim()
  throw new Error(`cannot run "${command}" in the guest: exit ${result.code}: ${reason}`)
}

/** Copies files into a real guest: each with the path that it gets there. Throws where one cannot be copied. */
export async function copyIntoGuest(
  login: GuestLogin,
  ...files: (readonly [from: string, to: string])[]
): Promise<void> {
  const options = [...clientOptions(login), '-q', '-P', `${login.port}`]
  for (const [from, to] of files) await runOk('scp', [...options, from, `root@127.0.0.1:${to}`])
}

/** Waits until root can log in. */
export async function waitForLogin(name: string, login: GuestLogin): Promise<void> {
  const deadline = performance.now() + LOGIN_TIMEOUT_MS
  for (;;) {
    const answer = await runInGuest(login, 'true', 30_000)
    if (answer.code === 0) return
    if (performance.now() > deadline)
      throw new Error(`cannot log into guest ${name} on port ${login.port}: ${answer.stderr.trim()}`)
    await sleep(LOGIN_PAUSE_MS)
  }
}

// Guests started as plain QEMU processes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BootFiles } from './boot-files.ts'
import { runInsideOk } from './namespace.ts'
import type { SmallGuestPlan } from './options.ts'

export interface GuestFiles {
  readonly boot: BootFiles
  readonly image: string
  /** The disk with fio, where the guest is to have one. */
  readonly tools?: string
  readonly serialSocket: string
  readonly serialLog: string
  readonly qmpSocket: string
}

export interface HostPlace {
  readonly initPid: number
  readonly folder: string
  readonly cgroups: readonly string[]
}

export function kernelCommandLine(guest: SmallGuestPlan): string {
  const mount = guest.writer ? 'rw' : 'ro'
  // On a busy machine emulated timers come late, and the kernel takes them for broken and panics.
  const quiet = 'console=ttyS0 quiet loglevel=2 panic=-1 mitigations=off no_timer_check'
  return `${quiet} lab.name=${guest.name} lab.mount=${mount} lab.warm=${guest.warm ? 1 : 0}`
}

/** Starts a guest and returns its pid inside the lab host. */
export async function startPlainGuest(
  guest: SmallGuestPlan,
  files: GuestFiles,
  host: HostPlace,
): Promise<number> {
  const pidFile = join(host.folder, 'guests', `${guest.name}.pid`)
  const merge = guest.memMerge ? 'on' : 'off'
  const args = [
    ['-name', `guest=${guest.name}`],
    ['-nodefaults', '-no-user-config', '-no-reboot'],
    ['-display', 'none'],
    ['-accel', 'tcg,tb-size=64'],
    ['-m', `${guest.ramMiB}M`],
    ['-object', `memory-backend-ram,id=ram0,size=${guest.ramMiB}M,merge=${merge}`],
    ['-machine', `pc,memory-backend=ram0,mem-merge=${merge}`],
    ['-kernel', files.boot.kernel],
    ['-initrd', files.boot.initramfs],
    ['-append', kernelCommandLine(guest)],
    [
      '-drive',
      `if=none,id=disk0,file=${files.image},format=${guest.format},cache=${guest.cacheMode},aio=${guest.aio}`,
    ],
    ['-device', 'nvme,drive=disk0,serial=lab-data'],
    ...toolsDisk(files.tools),
    [
      '-chardev',
      `socket,id=serial0,path=${files.serialSocket},server=on,wait=off,logfile=${files.serialLog}`,
    ],
    ['-serial', 'chardev:serial0'],
    guest.spareMonitor ? ['-qmp', `unix:${files.qmpSocket},server=on,wait=off`] : [],
    ['-pidfile', pidFile],
    ['-daemonize'],
  ].flat()
  const command = ['exec qemu-system-x86_64', ...args.map(quote)].join(' ')
  await runInsideOk(host.initPid, command, { cgroups: host.cgroups })
  return Number(readFileSync(pidFile, 'utf8'))
}

function toolsDisk(image: string | undefined): string[][] {
  if (!image) return []
  const drive = `if=none,id=disk1,file=${image},format=raw,readonly=on`
  return [
    ['-drive', drive],
    ['-device', 'nvme,drive=disk1,serial=lab-tools'],
  ]
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

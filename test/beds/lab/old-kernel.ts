// A machine of its own for a short script: Debian's 6.1 kernel, which lacks cachestat, PAGEMAP_SCAN, the KSM
// advisor and smart_scan, and any processor that QEMU knows.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findKernel, packInitramfs } from './boot-files.ts'
import { run, runOk } from './run.ts'

export interface OldKernelRun {
  /** Run by busybox's sh as root; all of busybox's commands are there. */
  readonly script: string
  /** Files to put there, by their path there; libraries that programs link come along. */
  readonly files?: Readonly<Record<string, string>>
  /** As QEMU names it; qemu64 has no AVX2. */
  readonly cpu?: string
  readonly ramMiB?: number
  /** Raw image of a disk, there as /dev/nvme0n1. */
  readonly disk?: string
  readonly timeoutMs?: number
}

export interface OldKernelResult {
  readonly output: string
  /** Exit code of the script; undefined when the machine ended before it did. */
  readonly code: number | undefined
}

const INIT = `#!/bin/sh
export PATH=/bin HOME=/root
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /tmp
ip link set lo up
stty -onlcr
echo LAB-BEGIN
sh /script 2>&1 </dev/null
echo "LAB-END $?"
poweroff -f
`

/** Boots the machine, runs the script and returns what it printed. */
export async function runOnOldKernel(options: OldKernelRun): Promise<OldKernelResult> {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-old-kernel-'))
  try {
    const initramfs = join(folder, 'initramfs.cpio')
    const consoleLog = join(folder, 'console')
    await fillTree(join(folder, 'tree'), options)
    await packInitramfs(join(folder, 'tree'), initramfs)
    const args = [
      ['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
      ['-name', 'guest=old-kernel', '-accel', 'tcg', '-cpu', options.cpu ?? 'max'],
      ['-machine', 'pc,mem-merge=off', '-m', `${options.ramMiB ?? 1024}M`],
      ['-kernel', findKernel(), '-initrd', initramfs],
      ['-append', 'console=ttyS0 quiet loglevel=2 panic=-1 mitigations=off no_timer_check'],
      // Into a file: QEMU drops characters that a pipe cannot take at once.
      ['-serial', `file:${consoleLog}`],
      ...nvmeDisk(options.disk),
    ].flat()
    await run('qemu-system-x86_64', args, { timeoutMs: options.timeoutMs ?? 300_000 })
    return parseConsole(readFileSync(consoleLog, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function nvmeDisk(disk: string | undefined): string[][] {
  if (disk === undefined) return []
  return [
    ['-drive', `if=none,id=disk0,file=${disk},format=raw`],
    ['-device', 'nvme,drive=disk0,serial=disk'],
  ]
}

function parseConsole(text: string): OldKernelResult {
  const begin = text.indexOf('LAB-BEGIN\n')
  const body = begin < 0 ? text : text.slice(begin + 'LAB-BEGIN\n'.length)
  const end = /^LAB-END (\d+)$/m.exec(body)
  return end ? { output: body.slice(0, end.index), code: Number(end[1]) } : { output: body, code: undefined }
}

async function fillTree(tree: string, { files = {}, script }: OldKernelRun): Promise<void> {
  for (const name of ['bin', 'dev', 'proc', 'sys', 'tmp', 'root'])
    mkdirSync(join(tree, name), { recursive: true })
  await copyExecutable('/bin/busybox', join(tree, 'bin/busybox'))
  await runOk('ln', ['-s', 'busybox', join(tree, 'bin/sh')])
  writeFileSync(join(tree, 'init'), INIT, { mode: 0o755 })
  writeFileSync(join(tree, 'script'), `${script}\n`)
  for (const [there, here] of Object.entries(files)) {
    await copyExecutable(here, join(tree, there))
    // ldd fails for what is not a dynamic program: then there is nothing to bring.
    const { stdout } = await run('ldd', [here])
    for (const [library] of stdout.matchAll(/\/\S+/g)) await copyExecutable(library, join(tree, library))
  }
}

async function copyExecutable(from: string, to: string): Promise<void> {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
  await runOk('chmod', ['755', to])
}

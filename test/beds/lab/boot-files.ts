// What a guest boots from: Debian's cloud kernel, and an initramfs of busybox and the disk driver's modules.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run, runOk } from './run.ts'

export interface BootFiles {
  readonly kernel: string
  readonly initramfs: string
}

/** Finds the newest cloud kernel and builds the initramfs for it into folder, anew each time: it is quick. */
export async function buildBootFiles(folder: string): Promise<BootFiles> {
  const kernel = findKernel()
  const initramfs = join(folder, 'initramfs.cpio')
  await buildInitramfs(basename(kernel).replace('vmlinuz-', ''), folder, initramfs)
  return { kernel, initramfs }
}

export function findKernel(): string {
  const kernels = readdirSync('/boot')
    .filter((name) => /^vmlinuz-.*-cloud-amd64$/.test(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const newest = kernels.at(-1)
  if (!newest) throw new Error('cannot find a kernel for guests in /boot: install linux-image-cloud-amd64')
  return join('/boot', newest)
}

async function buildInitramfs(release: string, folder: string, target: string): Promise<void> {
  // Two labs may share the folder.
  const tree = mkdtempSync(join(folder, 'initramfs-'))
  for (const name of ['bin', 'modules', 'dev', 'proc', 'sys'])
    mkdirSync(join(tree, name), { recursive: true })
  copyFileSync('/bin/busybox', join(tree, 'bin/busybox'))
  copyFileSync(join(import.meta.dirname, 'guest-init.sh'), join(tree, 'init'))
  await runOk('chmod', ['755', join(tree, 'init'), join(tree, 'bin/busybox')])
  const order = await copyModules(release, join(tree, 'modules'))
  writeFileSync(join(tree, 'modules/order'), order.map((name) => `${name}\n`).join(''))
  // /bin/sh must exist before init can install the other names.
  await runOk('ln', ['-sf', 'busybox', join(tree, 'bin/sh')])
  await packInitramfs(tree, target)
}

/** Packs a folder into an initramfs and removes it; uncompressed, since unpacking would cost an emulated CPU dearly. */
export async function packInitramfs(tree: string, target: string): Promise<void> {
  const script = 'cd "$1" && find . | LC_ALL=C sort | cpio --quiet -o -H newc >"$2"'
  await runOk('sh', ['-c', script, 'sh', tree, `${tree}.new`])
  renameSync(`${tree}.new`, target)
  rmSync(tree, { recursive: true })
}

/** Copies virtio disk modules, which libvirt's guests need; NVMe is built in. Returns the loading order. */
async function copyModules(release: string, folder: string): Promise<string[]> {
  const order: string[] = []
  for (const module of ['virtio_pci', 'virtio_blk']) {
    const listing = await runOk('modprobe', ['--show-depends', '--ignore-install', '-S', release, module])
    for (const [, path] of listing.matchAll(/^insmod (\S+)/gm)) {
      if (path) order.push(await copyModule(path, folder))
    }
  }
  return [...new Set(order)]
}

async function copyModule(path: string, folder: string): Promise<string> {
  const unpack = { '.xz': 'xz', '.zst': 'zstd', '.gz': 'gzip' }[/\.(?:xz|zst|gz)$/.exec(path)?.[0] ?? '']
  const name = basename(path).replace(/\.ko.*/, '.ko')
  if (!unpack) copyFileSync(path, join(folder, name))
  else {
    const result = await run('sh', ['-c', `${unpack} -dc "$1" >"$2"`, 'sh', path, join(folder, name)])
    if (result.code !== 0) throw new Error(`cannot unpack ${path}: ${result.stderr.trim()}`)
  }
  return name
}

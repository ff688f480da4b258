// The disk that brings fio into guests: too large for every guest's initramfs, so attached only where asked for.
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { makeFileSystem } from './images.ts'
import { runOk } from './run.ts'

const SIZE_BYTES = 128 * 1024 * 1024

/** Builds the disk into folder unless it is there; all guests share it, read-only. */
export async function buildToolsImage(folder: string): Promise<string> {
  const image = join(folder, 'tools.raw')
  if (existsSync(image)) return image
  const tree = join(folder, 'tools.tree')
  mkdirSync(join(tree, 'lib'), { recursive: true })
  copyFileSync('/usr/bin/fio', join(tree, 'fio'))
  const listing = await runOk('ldd', ['/usr/bin/fio'])
  for (const [path] of listing.matchAll(/\/\S+/g)) {
    const name = basename(path)
    copyFileSync(path, join(tree, 'lib', name.startsWith('ld-linux') ? 'ld.so' : name))
  }
  writeFileSync(`${image}.new`, '')
  truncateSync(`${image}.new`, SIZE_BYTES)
  await makeFileSystem(`${image}.new`, tree)
  rmSync(tree, { recursive: true })
  renameSync(`${image}.new`, image)
  return image
}

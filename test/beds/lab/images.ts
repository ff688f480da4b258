// Disk images of guests: ext4 with 4 KiB blocks, holding common files and own files; built once, then kept.
import { existsSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SmallGuestPlan } from './options.ts'
import { fixedTime, type PlacedFile, placeFiles } from './place-files.ts'
import { runOk } from './run.ts'

const MIB = 1024 * 1024
const CHUNK_MIB = 8
// Room for a writer's files, and for ext4's own structures. It also takes the host's readahead past the last
// file, which would otherwise cache what no guest holds.
const SPARE_MIB = 72

export interface ImageSizes {
  readonly commonMiB: number
  readonly ownMiB: number
}

// To be raised whenever images are built differently.
const VERSION = 2

/** Folder of the images of these sizes. Other sizes have another, so that cached images always fit. */
export function imagesFolder({ imagesDir, commonMiB, ownMiB }: ImageSizes & { imagesDir: string }): string {
  return join(imagesDir, `v${VERSION}-common${commonMiB}-own${ownMiB}`)
}

/** Builds the image of a guest where it is missing; returns its chain of files, the guest's own first. */
export async function buildImage(
  guest: SmallGuestPlan,
  sizes: ImageSizes,
  folder: string,
  hostFolder: string,
): Promise<string[]> {
  mkdirSync(folder, { recursive: true })
  const base = await buildBase(sizes, folder)
  // What a writer leaves must not reach the next lab, so its image is its host's.
  const name = `${guest.name}-seed${guest.seed}.${guest.format}`
  const image = join(guest.writer ? hostFolder : folder, name)
  const chain = guest.format === 'qcow2' ? [image, base.qcow2] : [image]
  if (existsSync(image)) return chain
  const raw = guest.format === 'raw' ? `${image}.new` : `${image}.raw`
  await runOk('cp', ['--sparse=always', base.raw, raw])
  await placeFiles(raw, '/files/own', listFiles(`own ${guest.seed}`, sizes.ownMiB))
  if (guest.format === 'qcow2') {
    await makeOverlay(`${image}.new`, raw, base.qcow2)
    rmSync(raw)
  }
  renameSync(`${image}.new`, image)
  await dropCache([base.raw])
  return chain
}

/** Makes an overlay on base that reads as raw does: rebase copies only the clusters in which the two differ. */
async function makeOverlay(overlay: string, raw: string, base: string): Promise<void> {
  await runOk('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', raw, '-F', 'raw', overlay])
  await runOk('qemu-img', ['rebase', '-b', base, '-F', 'qcow2', overlay])
}

/** Writes files back and drops their pages, so that the host's cache holds what guests read and nothing else. */
export async function dropCache(paths: readonly string[]): Promise<void> {
  for (const path of new Set(paths)) {
    await runOk('sync', [path])
    await runOk('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'])
  }
}

async function buildBase(sizes: ImageSizes, folder: string): Promise<{ raw: string; qcow2: string }> {
  const base = { raw: join(folder, 'base.raw'), qcow2: join(folder, 'base.qcow2') }
  if (existsSync(base.raw) && existsSync(base.qcow2)) return base
  const tree = join(folder, 'base.tree')
  rmSync(tree, { recursive: true, force: true })
  mkdirSync(join(tree, 'files/common'), { recursive: true })
  mkdirSync(join(tree, 'files/own'))
  const raw = `${base.raw}.new`
  writeFileSync(raw, '')
  truncateSync(raw, (sizes.commonMiB + sizes.ownMiB + SPARE_MIB) * MIB)
  await makeFileSystem(raw, tree)
  rmSync(tree, { recursive: true })
  await placeFiles(raw, '/files/common', listFiles('common', sizes.commonMiB))
  await runOk('qemu-img', ['convert', '-O', 'qcow2', raw, `${base.qcow2}.new`])
  renameSync(`${base.qcow2}.new`, base.qcow2)
  renameSync(raw, base.raw)
  return base
}

/** Makes an ext4 in image from a folder, the same for the same content. */
export async function makeFileSystem(image: string, tree: string): Promise<void> {
  const uuid = '51e6e701-0000-4000-8000-000000000001'
  const extended = `lazy_itable_init=0,nodiscard,root_owner=0:0,hash_seed=${uuid}`
  // Without -b mkfs takes 1 KiB blocks at this size, and then no page of the guest's cache equals one of the host's.
  const args = [
    '-q',
    '-F',
    '-b',
    '4096',
    '-m',
    '0',
    '-N',
    '2048',
    '-O',
    '^has_journal,^resize_inode',
    '-U',
    uuid,
    '-E',
    extended,
  ]
  await runOk('mkfs.ext4', [...args, '-d', tree, image], { env: fixedTime() })
}

/** big.bin of half the size, then chunks of 8 MiB. */
function listFiles(seed: string, totalMiB: number): PlacedFile[] {
  const big = Math.floor(totalMiB / 2)
  const sizes = [big, ...Array.from({ length: Math.ceil((totalMiB - big) / CHUNK_MIB) }, () => CHUNK_MIB)]
  return sizes.map((sizeMiB, index) => ({
    name: index === 0 ? 'big.bin' : `${String(index).padStart(2, '0')}.bin`,
    ...{ seed, bytes: sizeMiB * MIB },
  }))
}

// Puts large files into an ext4 image: debugfs gives them their blocks, and their content is written where these lie. Its own
// `write`, as that of mkfs, goes block by block.
import { createCipheriv, createHash } from 'node:crypto'
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { runOk } from './run.ts'

/** Incompressible, the same for the same seed. */
export interface PlacedFile {
  readonly name: string
  readonly seed: string
  readonly bytes: number
}

/** Blocks of a file that lie one behind the other: the first in the file, the first on the disk, and how many. */
export interface Extent {
  readonly logical: number
  readonly physical: number
  readonly blocks: number
}

const BLOCK = 4096
// New buffers of megabytes cost more than what is written into them.
const CHUNK = 2 ** 18

// e2fsprogs stamps superblock and inodes with this instead of now.
export const fixedTime = (): NodeJS.ProcessEnv => ({ ...process.env, E2FSPROGS_FAKE_TIME: '1700000000' })

/** Makes files in a folder of an image that is not in use. Throws where one does not get all of its blocks. */
export async function placeFiles(image: string, folder: string, files: readonly PlacedFile[]): Promise<void> {
  const empty = `${image}.empty`
  writeFileSync(empty, '')
  const allocate = files.flatMap(({ name, bytes }) => [
    `write ${empty} ${name}`,
    ...(bytes > 0 ? [`fallocate ${name} 0 ${bytes / BLOCK - 1}`] : []),
    `set_inode_field ${name} size ${bytes}`,
    `dump_extents ${name}`,
  ])
  const printed = await debug(image, [`cd ${folder}`, ...allocate]).finally(() =>
    rmSync(empty, { force: true }),
  )
  const placed = files.map((file) => ({ ...file, extents: parseExtents(printed, file) }))
  // Blocks that were only allocated read as zeros: they become written ones.
  const written = placed.flatMap(({ name, extents }) => [
    `extent_open ${name}`,
    ...extents.flatMap(({ logical, physical, blocks }) => [
      `goto_block ${logical}`,
      `replace_node ${logical} ${blocks} ${physical}`,
    ]),
    'extent_close',
  ])
  const lists = placed.map(({ name }) => `dump_extents ${name}`)
  const after = await debug(image, [`cd ${folder}`, ...written, ...lists])
  if (after.includes('Uninit')) throw new Error(`cannot write into ${image}: debugfs leaves blocks unwritten`)
  const fd = openSync(image, 'r+')
  try {
    for (const file of placed) writeFile(fd, file)
  } finally {
    closeSync(fd)
  }
}

function debug(image: string, lines: readonly string[]): Promise<string> {
  return runOk('debugfs', ['-w', '-f', '-', image], { input: `${lines.join('\n')}\n`, env: fixedTime() })
}

/** Where debugfs said that a file lies. Throws where that is not all of it. */
export function parseExtents(printed: string, { name, bytes }: Omit<PlacedFile, 'seed'>): Extent[] {
  const [, after = ''] = printed.split(`debugfs: dump_extents ${name}\n`)
  const [lines = ''] = after.split('debugfs: ')
  // Of a tree its leaves: those at the deepest level. "level/ depth  entry/ of  logical - logical  physical - physical  length"
  const leaf = /^ *(\d+)\/ *\1 +\d+\/ *\d+ +(\d+) - +\d+ +(\d+) - +\d+ +(\d+)\b/gm
  const extents = [...lines.matchAll(leaf)].map(([, , logical, physical, blocks]) => ({
    ...{ logical: Number(logical), physical: Number(physical), blocks: Number(blocks) },
  }))
  const found = extents.reduce((sum, { blocks }) => sum + blocks, 0) * BLOCK
  if (found !== bytes)
    throw new Error(`cannot write ${name} into an image: ${found} of ${bytes} bytes have a place: ${lines}`)
  return extents
}

function writeFile(
  fd: number,
  { seed, name, extents }: PlacedFile & { readonly extents: readonly Extent[] },
): void {
  const key = createHash('sha256').update(`${seed}/${name}`).digest().subarray(0, 16)
  const content = createCipheriv('aes-128-ctr', key, Buffer.alloc(16))
  const zeros = Buffer.alloc(CHUNK)
  for (const { physical, blocks } of extents)
    for (let done = 0; done < blocks * BLOCK; done += CHUNK) {
      const part = content.update(zeros.subarray(0, Math.min(CHUNK, blocks * BLOCK - done)))
      writeSync(fd, part, 0, part.length, physical * BLOCK + done)
    }
}

// Images: the files and block devices that guests' QEMU processes hold open as disks.
import type { Stats } from 'node:fs'
import { readdir, readlink, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { AssessedImage } from '../../../src/shared/contract/images.ts'
import type { Reason, Unreadable } from '../../../src/shared/contract/quantity.ts'
import type { Guest } from '../guests/guests.ts'
import { namesDisk } from '../guests/qemu-command-line.ts'
import { readBlockDeviceSize } from '../kernel/block-device.ts'
import { type OpenFlags, readOpenFlags } from '../kernel/fdinfo.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { errnoOf, processProblem, systemProblem } from '../kernel/system-error.ts'
import { readFormat } from './image-format.ts'

export interface Image {
  /** Device and inode: one image, whatever its path is in each mount namespace. */
  readonly id: string
  /** As the guest's process sees it. */
  readonly path: string
  /** `/proc/<pid>/fd/<n>`: opens it across mount namespaces, and after it was unlinked. */
  readonly openPath: string
  readonly format: AssessedImage['format']
  readonly cacheMode: AssessedImage['cacheMode']
  readonly sizeBytes: number
  readonly guests: readonly number[]
  /** Why there is nothing to scrub by nature. */
  readonly notApplicable?: Reason
}

export interface ListedImages {
  readonly images: Image[]
  readonly unreadable: Unreadable[]
}

// Logs, pid files and sockets' lock files are smaller; a disk that is smaller has a format of its own or is named.
const SMALLEST_UNNAMED_BYTES = 2 ** 20

/**
 * A guest's image is a regular file or block device that its QEMU process has open for reading (so no log), not for
 * appending, and that an option for disks names, or that carries the mark of a disk format, or that is of 1 MiB and
 * more. RAM in files is no image. Cheap: links, descriptors' flags and the first bytes of each file.
 */
export async function listImages(root: KernelRoot, guests: readonly Guest[]): Promise<ListedImages> {
  const images = new Map<string, Image>()
  const unreadable: Unreadable[] = []
  for (const guest of guests) {
    const folder = join(root.proc, String(guest.pid), 'fd')
    try {
      for (const fd of await readdir(folder)) {
        const image = await findImage(root, guest, fd)
        if (image !== undefined) images.set(image.id, mergeImages(images.get(image.id), image))
      }
    } catch (error) {
      const problem = processProblem(error, `list the images of guest ${guest.pid}`)
      unreadable.push({ path: folder, problem: problem.toData() })
    }
  }
  return { images: [...images.values()], unreadable }
}

async function findImage(root: KernelRoot, guest: Guest, fd: string): Promise<Image | undefined> {
  const openPath = join(root.proc, String(guest.pid), 'fd', fd)
  const stats = await statIfThere(openPath)
  if (stats === undefined || !(stats.isFile() || stats.isBlockDevice())) return undefined
  const flags = await readOpenFlags(root, guest.pid, fd)
  if (flags === undefined || !flags.readable || flags.append) return undefined
  const path = await readlink(openPath)
  if (isRamFile(guest, path)) return undefined
  const sizeBytes = stats.isBlockDevice() ? await readBlockDeviceSize(root, stats.rdev) : stats.size
  const format = stats.isBlockDevice() ? 'block-device' : readFormat(imageId(stats), openPath)
  const known = stats.isBlockDevice() || format !== 'raw' || namesDisk(guest.args, path)
  if (!known && sizeBytes < SMALLEST_UNNAMED_BYTES) return undefined
  return describe({ openPath, stats, flags, path, sizeBytes, format }, guest)
}

interface FoundFile {
  readonly openPath: string
  readonly stats: Stats
  readonly flags: OpenFlags
  readonly path: string
  readonly sizeBytes: number
  readonly format: AssessedImage['format']
}

async function describe(file: FoundFile, guest: Guest): Promise<Image> {
  const notApplicable = await explainNotApplicable(file)
  return {
    id: imageId(file.stats),
    path: file.path,
    openPath: file.openPath,
    format: file.format,
    cacheMode: file.flags.direct ? 'direct' : 'buffered',
    sizeBytes: file.sizeBytes,
    guests: [guest.pid],
    ...(notApplicable === undefined ? {} : { notApplicable }),
  }
}

export function imageId(stats: Stats): string {
  return stats.isBlockDevice() ? `block ${stats.rdev}` : `${stats.dev}:${stats.ino}`
}

/** One image that several descriptors or guests have open: buffered if any of them is. */
function mergeImages(known: Image | undefined, other: Image): Image {
  if (known === undefined) return other
  const guests = known.guests.includes(other.guests[0] ?? 0)
    ? known.guests
    : [...known.guests, ...other.guests]
  const base = known.cacheMode === 'direct' ? other : known
  return { ...base, guests }
}

// File systems whose files are not, or not only, in the page cache. Source: linux/magic.h, zfs.
const RAM_FILE_SYSTEMS = new Set([0x01021994, 0x858458f6])
const ZFS = 0x2fc12fc1

async function explainNotApplicable(file: FoundFile): Promise<Reason | undefined> {
  if (!file.stats.isBlockDevice()) {
    const { type } = await statfs(file.openPath)
    if (RAM_FILE_SYSTEMS.has(type)) {
      return { code: 'not-page-cache', text: 'the file lives in memory: its pages are the disk itself' }
    }
    if (type === ZFS) {
      return { code: 'not-page-cache', text: 'ZFS caches it in its own ARC, not in the page cache' }
    }
  }
  if (!file.flags.direct) return undefined
  return { code: 'direct-io', text: 'opened with O_DIRECT (cache=none): QEMU bypasses the page cache' }
}

function isRamFile(guest: Guest, path: string): boolean {
  if (path.startsWith('/memfd:')) return true
  return guest.args.some((arg, index) => {
    if (arg === path) return /^--?mem-path$/.test(guest.args[index - 1] ?? '')
    const spelled = /^memory-backend-file,.*mem-path=([^,]+)/.exec(arg)?.[1]
    return spelled !== undefined && (path === spelled || path.startsWith(`${spelled}/`))
  })
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw systemProblem(error, `look at ${path}`)
  }
}

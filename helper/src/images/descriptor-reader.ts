// What a guest's descriptors are: each by itself, so that one that cannot be looked at hides no other.

import type { AssessedImage } from '../../../src/shared/contract/images.ts'
import type { Reason, Unreadable } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { Guest } from '../guests/guests.ts'
import { namesDisk } from '../guests/qemu-command-line.ts'
import { readBlockDeviceSize } from '../kernel/block-device.ts'
import { readOwnDescriptorLink } from '../kernel/descriptors.ts'
import { type OpenFlags, readOpenFlags } from '../kernel/fdinfo.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { type MappedFiles, readMappedFiles } from '../kernel/mapped-files.ts'
import { isServedByUser, type MountTable } from '../kernel/mount-table.ts'
import type { Mount } from '../kernel/mountinfo.ts'
import { type FileStatus, readFilePlace, readFileStatus } from '../kernel/statx.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'
import { type Descriptor, isPrivateRam } from './guest-descriptors.ts'
import { type Image, mergeImages } from './image.ts'
import { readFormat } from './image-format.ts'
import { identityOf, openFileKey } from './image-identity.ts'
import { type DescriptorPlace, openAsGuest, withPinned } from './open-descriptor.ts'

/** More than a guest has disks and backing files. */
const maxImagesOfGuest = 1024
/** Of their paths together: every sample carries them. */
const maxPathsLength = 128 * 1024
/** As many, and as long, as an admin will read. */
const maxUnreadable = 32
const maxMessageLength = 1024
/** Smaller ones are logs, pid files and locks, unless they are of whole sectors. */
const minUnnamedBytes = 2 ** 20
const sectorBytes = 512

export class DescriptorReader {
  readonly #root: KernelRoot
  readonly #mounts: MountTable

  constructor(root: KernelRoot, mounts: MountTable) {
    this.#root = root
    this.#mounts = mounts
  }

  lookAt(guest: Guest): GuestLook {
    return new GuestLook(this.#root, this.#mounts, guest)
  }
}

/** One look at one guest. */
class GuestLook {
  readonly unreadable: Unreadable[] = []
  readonly #root: KernelRoot
  readonly #mounts: MountTable
  readonly #guest: Guest
  readonly #images = new Map<string, Image>()
  #mapped: MappedFiles | undefined
  #unsaid = 0
  #pathsLength = 0
  /** Of the descriptor that is looked at. */
  #link = ''

  constructor(root: KernelRoot, mounts: MountTable, guest: Guest) {
    this.#root = root
    this.#mounts = mounts
    this.#guest = guest
  }

  get images(): readonly Image[] {
    return [...this.#images.values()]
  }

  /** Adds an image, or what cannot be looked at; nothing of what is no disk. */
  addDescriptor(descriptor: Descriptor): void {
    this.#link = descriptor.link
    try {
      const image = this.#findImage(descriptor)
      if (image !== undefined) this.#add(image)
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'ENOENT' || errno === 'ESRCH') return
      this.#say(descriptor.fd, systemProblem(error, 'look at it'))
    }
  }

  #add(image: Image): void {
    const known = this.#images.get(image.id)
    if (known === undefined) this.#requireRoom(image)
    this.#images.set(image.id, mergeImages(known, image))
  }

  #requireRoom(image: Image): void {
    if (this.#images.size >= maxImagesOfGuest)
      throw new Problem('not-supported', `cannot list it: the guest has more than ${maxImagesOfGuest} images`)
    this.#pathsLength += image.path.length
    if (this.#pathsLength > maxPathsLength)
      throw new Problem('not-supported', 'cannot list it: the paths of its guest are too long to be shown')
  }

  #say(fd: string, problem: Problem): void {
    const path = this.#link
    if (this.unreadable.length >= maxUnreadable) {
      this.#unsaid += 1
      const text = `cannot look at ${this.#unsaid} more descriptors of guest ${this.#guest.pid}, for similar reasons`
      this.unreadable[maxUnreadable] = { path, problem: { code: 'not-supported', message: text } }
      return
    }
    const where = `cannot look at descriptor ${fd} of guest ${this.#guest.pid}, ${path}`
    const message = `${where}: ${problem.message.replace(/^cannot [^:]*: /, '')}`
    this.unreadable.push({
      path,
      problem: { ...problem.toData(), message: message.slice(0, maxMessageLength) },
    })
  }

  #findImage(descriptor: Descriptor): Image | undefined {
    if (isPrivateRam(descriptor.link))
      throw new Problem(
        'not-applicable',
        'cannot look at it: it is RAM that is private to a guest (guest_memfd)',
      )
    const place = {
      root: this.#root,
      pid: this.#guest.pid,
      fd: descriptor.fd,
      credentials: this.#guest.credentials,
    }
    const flags = readOpenFlags(this.#root, place.pid, place.fd)
    if (flags === undefined || flags.pathOnly || !flags.readable || flags.append) return undefined
    return withPinned(place, (pinned) => this.#findPinned(place, pinned, flags))
  }

  #findPinned(place: DescriptorPlace, pinned: number, flags: OpenFlags): Image | undefined {
    // The guest may have put another file on the descriptor since it was listed.
    this.#link = readOwnDescriptorLink(pinned)
    const link = this.#link
    const { mount, status } = this.#statusOf(pinned)
    if (status === undefined || status.kind === 'other' || this.#isMapped(status, link)) return undefined
    if (status.kind === 'file' && mount.type === 'hugetlbfs') return undefined
    const id = identityOf(this.#root, status)
    const isBlock = status.kind === 'block-device'
    const sizeBytes = isBlock ? readBlockDeviceSize(this.#root, status.standsFor) : status.sizeBytes
    const open = (extra = 0) => openAsGuest(pinned, status, place.credentials, extra)
    const format = isBlock ? 'block-device' : readFormat(id, open)
    const isOfSectors = sizeBytes > 0 && sizeBytes % sectorBytes === 0
    const isDisk = format !== 'raw' || sizeBytes >= minUnnamedBytes || isOfSectors
    // One that was cut off to nothing is still the guest's disk.
    if (!isDisk && !namesDisk(this.#guest.args, link)) return undefined
    return this.#describe({ id, link, place, sizeBytes, format, flags, mount, isBlock })
  }

  /** No status: what lies on no mount is the kernel's own. */
  #statusOf(pinned: number): { readonly mount: Mount; readonly status?: FileStatus } {
    const mount = this.#mounts.mountOf(this.#guest.pid, readFilePlace(pinned))
    if (mount !== undefined && isServedByUser(mount)) {
      const what = `its file system, ${mount.type} at ${mount.mountPoint}, is served by a user, and might never answer`
      throw new Problem('not-permitted', `cannot look at it: ${what}`)
    }
    try {
      const status = readFileStatus(pinned)
      if (mount !== undefined) return { mount, status }
      if (status.kind !== 'file') return { mount: noMount, ...(status.kind === 'block-device' && { status }) }
    } catch (error) {
      throw mount === undefined ? error : atMount(error, mount)
    }
    throw new Problem('not-found', 'cannot look at it: no mount that is visible here holds its file system')
  }

  /** RAM is what the process maps, however its command line spells it. QEMU maps no disk. */
  #isMapped(status: FileStatus, link: string): boolean {
    if (status.kind !== 'file') return false
    this.#mapped ??= readMappedFiles(this.#root, this.#guest.pid)
    return this.#mapped.files.has(openFileKey(status)) || this.#mapped.paths.has(link)
  }

  #describe(file: FoundFile): Image {
    const notApplicable = explainNotApplicable(file)
    return {
      id: file.id,
      path: file.link,
      label: file.link,
      places: [file.place],
      format: file.format,
      cacheMode: file.flags.direct ? 'direct' : 'buffered',
      sizeBytes: file.sizeBytes,
      guests: [this.#guest.pid],
      ...withValue({ notApplicable }),
    }
  }
}

const noMount: Mount = { id: 0, device: '0:0', mountPoint: '', type: '', options: '' }

/** Names the mount in a failure of its file system. */
function atMount(error: unknown, mount: Mount): Problem {
  const { code, message } = systemProblem(error, 'look at it')
  const reason = message.replace(/^cannot [^:]*: /, '')
  return new Problem(code, `cannot look at it: ${mount.type} at ${mount.mountPoint} refuses: ${reason}`)
}

interface FoundFile {
  readonly id: string
  readonly link: string
  readonly place: DescriptorPlace
  readonly sizeBytes: number
  readonly format: AssessedImage['format']
  readonly flags: OpenFlags
  readonly mount: Mount
  readonly isBlock: boolean
}

/** File systems whose files are not in the page cache apart from their content. */
const memoryFileSystems = new Set(['tmpfs', 'ramfs', 'devtmpfs'])

function explainNotApplicable({ isBlock, mount, flags }: FoundFile): Reason | undefined {
  if (!isBlock && memoryFileSystems.has(mount.type))
    return { code: 'not-page-cache', text: 'the file lives in memory: its pages are the disk itself' }
  if (!isBlock && mount.type === 'zfs')
    return { code: 'not-page-cache', text: 'ZFS caches it in its own ARC, not in the page cache' }
  if (!flags.direct) return undefined
  return { code: 'direct-io', text: 'opened with O_DIRECT (cache=none): QEMU bypasses the page cache' }
}

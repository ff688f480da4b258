// The descriptors of a guest's process that may be disks, by what their links say.
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { Guest } from '../guests/guests.ts'
import { listDescriptors, readDescriptorLink } from '../kernel/descriptors.ts'
import { type KernelRoot, processPath } from '../kernel/kernel-root.ts'
import { readProcessStatus } from '../kernel/process-status.ts'
import { processProblem } from '../kernel/system-error.ts'

export interface Descriptor {
  readonly fd: string
  /** As the process sees it: a path, or what the kernel calls it. */
  readonly link: string
}

export interface ListedDescriptors {
  /** The same as long as the same descriptors are open on files of the same paths. */
  readonly signature: string
  readonly files: readonly Descriptor[]
  readonly unreadable: readonly Unreadable[]
}

/** The kernel allows a million; the folder of so many is not even listed. */
const maxDescriptorRoom = 65_536
/** Guests of many queues have thousands. */
const maxDescriptors = 4096

/** Of one look. Lists numbers and reads links, and asks no file system. */
export class GuestDescriptors {
  readonly numbers: readonly string[]
  readonly #root: KernelRoot
  readonly #guest: Guest
  readonly #unreadable: Unreadable[] = []

  constructor(root: KernelRoot, guest: Guest) {
    this.#root = root
    this.#guest = guest
    this.numbers = this.#readNumbers()
  }

  #readNumbers(): readonly string[] {
    try {
      const room = readProcessStatus(this.#root, this.#guest.pid)?.descriptorRoom ?? 0
      if (room > maxDescriptorRoom) {
        this.#sayTooMany(`its table has room for ${room}, and up to ${maxDescriptorRoom} are looked at`)
        return []
      }
      const numbers = listDescriptors(this.#root, this.#guest.pid)
      if (numbers.length <= maxDescriptors) return numbers
      this.#sayTooMany(`it has ${numbers.length}, and the first ${maxDescriptors} are looked at`)
      return numbers.slice(0, maxDescriptors)
    } catch (error) {
      this.#say(processProblem(error, `list the images of guest ${this.#guest.pid}`))
      return []
    }
  }

  list(): ListedDescriptors {
    const files = this.numbers.flatMap((fd) => this.#readFile(fd))
    const signature = files.map(({ fd, link }) => `${fd} ${link}`).join('\n')
    return { signature: `${signature}\n${this.#unreadable.length}`, files, unreadable: this.#unreadable }
  }

  #readFile(fd: string): Descriptor[] {
    try {
      const link = readDescriptorLink(this.#root, this.#guest.pid, fd)
      return mayBeDisk(link) ? [{ fd, link }] : []
    } catch (error) {
      const problem = processProblem(error, `read descriptor ${fd} of guest ${this.#guest.pid}`)
      // Closed since it was listed.
      if (problem.code !== 'gone') this.#say(problem)
      return []
    }
  }

  #sayTooMany(what: string): void {
    this.#say(
      new Problem('not-supported', `cannot look at all descriptors of guest ${this.#guest.pid}: ${what}`),
    )
  }

  #say(problem: Problem): void {
    if (this.#unreadable.length < maxUnreadable)
      this.#unreadable.push({
        path: processPath(this.#root, this.#guest.pid, 'fd'),
        problem: problem.toData(),
      })
  }
}

/** As many as an admin will read. */
const maxUnreadable = 32

/** Memory, sockets, events and pipes have names that are no paths. Private RAM of a guest counts, to be reported. */
function mayBeDisk(link: string): boolean {
  return (link.startsWith('/') && !link.startsWith('/memfd:')) || isPrivateRam(link)
}

/** A guest_memfd: a regular file of the size of RAM, which cannot be opened. */
export function isPrivateRam(link: string): boolean {
  return /^(anon_inode:|\/)?\[kvm-gmem\]/.test(link)
}

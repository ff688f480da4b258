// The descriptors of a guest's process that may be disks, by what their links say.
import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
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

/** Guests of many queues have thousands of descriptors; the kernel allows a million. */
const maxDescriptorRoom = 65_536
/** Of these, files: more than a guest has disks. */
const maxFiles = 4096

/** Reads links, and asks no file system. */
export function listDescriptors(root: KernelRoot, guest: Guest): ListedDescriptors {
  const folder = join(root.proc, String(guest.pid), 'fd')
  const unreadable: Unreadable[] = []
  const say = (problem: Problem) => unreadable.push({ path: folder, problem: problem.toData() })
  const files: Descriptor[] = []
  try {
    const room = readProcessStatus(root, guest.pid)?.descriptorRoom ?? 0
    if (room > maxDescriptorRoom) {
      say(
        tooMany(
          guest,
          `its table has room for ${room} descriptors, and up to ${maxDescriptorRoom} are looked at`,
        ),
      )
      return { signature: `room for ${room}`, files, unreadable }
    }
    for (const fd of readdirSync(folder)) {
      const link = readLink(join(folder, fd))
      if (link !== undefined && mayBeDisk(link)) files.push({ fd, link })
    }
  } catch (error) {
    say(processProblem(error, `list the images of guest ${guest.pid}`))
  }
  if (files.length > maxFiles)
    say(tooMany(guest, `${files.length} files are open, the first ${maxFiles} are looked at`))
  const looked = files.slice(0, maxFiles)
  const signature = looked.map(({ fd, link }) => `${fd} ${link}`).join('\n')
  return { signature: `${signature}\n${unreadable.length}`, files: looked, unreadable }
}

/** Memory, sockets, events and pipes are named otherwise than by a path; RAM that is private to a guest is told of. */
function mayBeDisk(link: string): boolean {
  return (link.startsWith('/') && !link.startsWith('/memfd:')) || isPrivateRam(link)
}

/** A guest_memfd: a regular file of the size of RAM, which cannot be opened. */
export function isPrivateRam(link: string): boolean {
  return /^(anon_inode:|\/)?\[kvm-gmem\]/.test(link)
}

function tooMany(guest: Guest, what: string): Problem {
  return new Problem('not-supported', `cannot look at all descriptors of guest ${guest.pid}: ${what}`)
}

/** undefined: closed meanwhile. */
function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch (error) {
    if (processProblem(error, `read ${path}`).code === 'gone') return undefined
    throw error
  }
}

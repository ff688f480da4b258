// Looks a path up without asking file servers of users, which might never answer: the paths of a policy may lead through
// folders of others.
import { closeSync, constants, openSync, readlinkSync } from 'node:fs'
import { O_PATH, ownDescriptorPath } from '../kernel/descriptors.ts'
import { readMountId } from '../kernel/fdinfo.ts'
import { isServedByUser, type MountTable } from '../kernel/mount-table.ts'
import { errnoOf } from '../kernel/system-error.ts'

/** As the kernel's own bound. */
const maxLinks = 40

/**
 * A descriptor that names what an absolute path leads to, and opens nothing of it; the caller closes it. undefined: the
 * path leads into a file system that a user serves. Throws errors of node:fs.
 */
export function lookUp(path: string, mounts: MountTable): number | undefined {
  const left = componentsOf(path)
  let links = 0
  let place = openSync('/', O_PATH)
  try {
    while (left.length > 0) {
      const name = left.shift() ?? ''
      const target = readLink(place, name)
      if (target !== undefined) {
        links += 1
        if (links > maxLinks) throw Object.assign(new Error(`too many links: ${path}`), { code: 'ELOOP' })
        left.unshift(...componentsOf(target))
        if (target.startsWith('/')) place = exchange(place, '/')
        continue
      }
      place = exchange(place, `${ownDescriptorPath(place)}/${name}`)
      if (isServed(place, mounts)) {
        closeSync(place)
        return undefined
      }
    }
    return place
  } catch (error) {
    closeSync(place)
    throw error
  }
}

function componentsOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.')
}

/** undefined: it is no link. */
function readLink(folder: number, name: string): string | undefined {
  try {
    return readlinkSync(`${ownDescriptorPath(folder)}/${name}`)
  } catch (error) {
    if (errnoOf(error) === 'EINVAL') return undefined
    throw error
  }
}

/** The next place in exchange for the one before, which stays open where that fails. */
function exchange(place: number, path: string): number {
  const next = openSync(path, O_PATH | constants.O_NOFOLLOW)
  closeSync(place)
  return next
}

function isServed(fd: number, mounts: MountTable): boolean {
  const mount = mounts.mountOf(process.pid, { mountId: readMountId(fd) })
  return mount !== undefined && isServedByUser(mount)
}

// Which processes libvirt of this host runs as domains, by its own records: a guest may be one whose program is not root's.
import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { readHead } from '../kernel/read-head.ts'
import { errnoOf } from '../kernel/system-error.ts'

/** A file NAME.pid for each domain that runs. */
const recordFolder = '/run/libvirt/qemu'
const maxBytes = 16

/**
 * Empty where libvirt does not run, or where others than root could have written its folder. A record that is a link, no
 * plain file, another user's or writable by others counts for nothing, like one that is no number.
 */
export function readLibvirtPids(folder = recordFolder): ReadonlySet<number> {
  const pids = new Set<number>()
  try {
    const own = lstatSync(folder)
    if (!own.isDirectory() || !isRootsAlone(own)) return pids
    for (const name of readdirSync(folder)) {
      const pid = name.endsWith('.pid') ? readRecord(join(folder, name)) : undefined
      if (pid !== undefined) pids.add(pid)
    }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    // There is no such folder, or it is closed to this user.
  }
  return pids
}

function readRecord(path: string): number | undefined {
  try {
    const found = lstatSync(path)
    if (!found.isFile() || !isRootsAlone(found)) return undefined
    const text = readHead(path, maxBytes).trim()
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    // The domain ended in the meantime.
    return undefined
  }
}

function isRootsAlone({ uid, mode }: Stats): boolean {
  return uid === 0 && (mode & 0o022) === 0
}

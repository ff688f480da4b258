// Whether a guest is the domain that its command line claims to be: libvirt's own records say so, not the guest.
import { existsSync } from 'node:fs'
import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../../../src/shared/problem.ts'
import type { Guest } from '../guests/guests.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readNamespace } from '../kernel/namespaces.ts'
import { readRootFolder } from '../kernel/process-folders.ts'
import { readProcessStatus } from '../kernel/process-status.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'
import { findLibvirtHere, remedyForNoDaemon } from './libvirt-here.ts'

/** Where libvirt of the system writes the process of each domain: root's alone. */
const recordFolder = '/run/libvirt/qemu'
const domainName = /^[^/\0\n]{1,200}$/

/** Throws unless libvirt of this host runs the domain of this name as this very process. */
export async function requireDomain(root: KernelRoot, guest: Guest, folder = recordFolder): Promise<void> {
  if ((await readDomainPid(guest.name, folder)) === guest.pid) return
  throw await notOurDomain(root, guest, folder)
}

/** The process of a running domain; undefined where libvirt of this host has none of this name. */
async function readDomainPid(name: string, folder = recordFolder): Promise<number | undefined> {
  if (!domainName.test(name) || name === '.' || name === '..') return undefined
  const path = join(folder, `${name}.pid`)
  try {
    const found = await lstat(path)
    if (!found.isFile() || found.uid !== 0 || (found.mode & 0o022) !== 0) return undefined
    const text = (await readFile(path, 'utf8')).trim()
    return /^\d{1,10}$/.test(text) ? Number(text) : undefined
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR' || errnoOf(error) === 'ENAMETOOLONG')
      return undefined
    throw systemProblem(error, `read ${path}`)
  }
}

async function notOurDomain(root: KernelRoot, { name, pid }: Guest, folder: string): Promise<Problem> {
  const doing = `cannot reach the monitor of guest ${name}`
  const container = findContainer(root, pid)
  if (container !== undefined) {
    return new Problem(
      'not-supported',
      `${doing}: a libvirt of its own runs it in a container (${container} of process ${pid})`,
      { remedy: `Ask the libvirt in there: nsenter --target ${pid} --mount --pid --net virsh list` },
    )
  }
  if (!existsSync(folder)) {
    return new Problem('unreachable', `${doing}: libvirt does not run on this host (there is no ${folder})`, {
      remedy: remedyForNoDaemon(await findLibvirtHere()),
    })
  }
  const uid = readProcessStatus(root, pid)?.credentials.uid
  const session =
    uid === undefined || uid === 0
      ? ''
      : ` A domain of user ${uid}'s own libvirt (qemu:///session) is reached by that user alone.`
  return new Problem(
    'not-found',
    `${doing}: libvirt of this host (qemu:///system) does not run process ${pid} as a domain of this name`,
    { remedy: `See virsh --connect qemu:///system list.${session}` },
  )
}

/**
 * What sets a process apart from us as a container does, for a message; undefined where nothing does. Libvirt itself
 * gives its guests a mount namespace, so that alone tells nothing: another root folder or PID namespace does.
 */
function findContainer(root: KernelRoot, pid: number): string | undefined {
  try {
    const [own, other] = [readNamespace(root, 'self', 'pid'), readNamespace(root, pid, 'pid')]
    const mounts = readNamespace(root, pid, 'mnt')
    if (own !== other) return `namespaces ${other}, ${mounts}`
    const [here, there] = [readRootFolder(root, 'self'), readRootFolder(root, pid)]
    return here.device === there.device && here.inode === there.inode ? undefined : `namespace ${mounts}`
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return undefined
  }
}

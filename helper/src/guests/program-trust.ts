// Whether a process that runs QEMU may be believed to be a guest: anybody can name a program so and show any descriptors.
import { type BigIntStats, closeSync, fstatSync, statSync } from 'node:fs'
import { pinProgram } from '../kernel/exe.ts'
import { readMountId } from '../kernel/fdinfo.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { isServedByUser, MountTable } from '../kernel/mount-table.ts'
import { type AllowedPrograms, allowedProgramsPath, readAllowedPrograms } from './allowed-programs.ts'
import { readLibvirtPids } from './libvirt-pids.ts'
import type { UserNames } from './user-names.ts'

/** For one look at a host: what it reads of the host is read once. */
export class ProgramTrust {
  readonly #mounts: MountTable
  readonly #root: KernelRoot
  readonly #names: UserNames
  #allowed: AllowedPrograms | undefined
  #libvirtPids: ReadonlySet<number> | undefined

  constructor(root: KernelRoot, names: UserNames) {
    this.#root = root
    this.#names = names
    this.#mounts = new MountTable(root)
  }

  /**
   * Why a process's program is not believed; undefined: it is, since root owns it and nobody else may write it, or libvirt
   * runs the process, or the admin allows it. Throws ENOENT where the process has ended.
   */
  explainDistrust(pid: number, uid: number): string | undefined {
    const fd = pinProgram(this.#root, pid)
    try {
      const reason = this.#explainOwner(pid, fd)
      if (reason === undefined || this.#isAllowed(fd, uid) || this.#isOfLibvirt(pid)) return undefined
      return `${reason} (the admin can allow it in ${allowedProgramsPath})`
    } finally {
      closeSync(fd)
    }
  }

  #explainOwner(pid: number, fd: number): string | undefined {
    // Before anything is asked of its file system, which might never answer.
    const mount = this.#mounts.mountOf(pid, { mountId: readMountId(fd) })
    if (mount === undefined) return 'its program lies on a file system that is mounted nowhere here'
    if (isServedByUser(mount))
      return `its program lies on a file system that a user serves (${mount.type} at ${mount.mountPoint})`
    const status = fstatSync(fd, { bigint: true })
    if (status.uid !== 0n)
      return `its program belongs to ${this.#names.nameOf(Number(status.uid))}, not to root`
    return isWritableByOthers(status) ? 'users other than root may write to its program' : undefined
  }

  #isAllowed(fd: number, uid: number): boolean {
    this.#allowed ??= readAllowedPrograms()
    if (this.#allowed.uids.has(uid)) return true
    if (this.#allowed.paths.length === 0) return false
    const program = fstatSync(fd, { bigint: true })
    return this.#allowed.paths.some((path) => isFile(path, program))
  }

  #isOfLibvirt(pid: number): boolean {
    this.#libvirtPids ??= readLibvirtPids()
    return this.#libvirtPids.has(pid)
  }
}

function isWritableByOthers({ mode, gid }: BigIntStats): boolean {
  return (mode & 0o002n) !== 0n || ((mode & 0o020n) !== 0n && gid !== 0n)
}

function isFile(path: string, program: BigIntStats): boolean {
  const { dev, ino } = statSync(path, { bigint: true, throwIfNoEntry: false }) ?? {}
  return dev === program.dev && ino === program.ino
}

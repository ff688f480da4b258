// Mounts by the processes that see them, read once for each mount namespace.
import type { KernelRoot } from './kernel-root.ts'
import { type Mount, readMounts } from './mountinfo.ts'
import { readNamespace } from './namespaces.ts'

type Who = number | 'self'

export class MountTable {
  readonly #root: KernelRoot
  readonly #byNamespace = new Map<string, readonly Mount[]>()

  /** For one look: mounts come and go. */
  constructor(root: KernelRoot) {
    this.#root = root
  }

  /**
   * The mount that a file of a process lies on. Descriptors are handed from one mount namespace to another (libvirt opens
   * disks for QEMU), so our own and the first process's are searched, too. undefined: it is visible in none of them, as
   * memory of the kernel's own (memfd) is not.
   */
  mountOf(
    pid: number,
    place: { readonly mountId?: number | undefined; readonly device?: string },
  ): Mount | undefined {
    const whose: Who[] = [pid, 'self', 1]
    for (const who of whose) {
      const found = this.#mountsOf(who).find((mount) => mount.id === place.mountId)
      if (found !== undefined) return found
    }
    for (const who of whose) {
      const found = this.#mountsOf(who).find((mount) => mount.device === place.device)
      if (found !== undefined) return found
    }
    return undefined
  }

  #mountsOf(who: Who): readonly Mount[] {
    const namespace = this.#namespaceOf(who)
    const known = this.#byNamespace.get(namespace)
    if (known !== undefined) return known
    const mounts = readMounts(this.#root, who) ?? []
    this.#byNamespace.set(namespace, mounts)
    return mounts
  }

  #namespaceOf(who: Who): string {
    try {
      return readNamespace(this.#root, who, 'mnt')
    } catch {
      // It has ended, or is not ours to look at: then it has no mounts to read either.
      return `of ${who}`
    }
  }
}

/** A FUSE file system that a user serves: it tells of owners and contents what that user likes, or never answers. */
export function isServedByUser({ type, options }: Mount): boolean {
  const user = /(?:^|,)user_id=(\d+)/.exec(options)?.[1]
  return type.startsWith('fuse') && user !== '0'
}

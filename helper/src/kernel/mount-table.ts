// Mounts by the processes that see them.
import type { KernelRoot } from './kernel-root.ts'
import { type Mount, readMounts } from './mountinfo.ts'
import { readNamespace } from './namespaces.ts'

type Who = number | 'self'
/** Whose mounts only root makes. */
const ours: readonly Who[] = ['self', 1]

/** Source: /proc/<pid>/mountinfo, of which each mount namespace is read once. */
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
    const whose: Who[] = [pid, ...ours]
    for (const who of whose) {
      const found = this.#mountsOf(who).find((mount) => mount.id === place.mountId)
      if (found !== undefined) return found.isOfUserNamespace ? (this.#madeHere(found) ?? found) : found
    }
    return this.#madeHere(place) ?? this.#mountsOf(pid).find((mount) => mount.device === place.device)
  }

  /** A mount of the same file system that is ours to trust, though a namespace of users has it, too. */
  #madeHere({ device }: { readonly device?: string }): Mount | undefined {
    for (const who of ours) {
      const found = this.#mountsOf(who).find((mount) => mount.device === device)
      if (found !== undefined) return found
    }
    return undefined
  }

  #mountsOf(who: Who): readonly Mount[] {
    // First of all, so that no process that goes elsewhere in the meantime has its mounts taken for them.
    if (!ours.includes(who)) for (const one of ours) this.#mountsOf(one)
    const namespace = this.#namespaceOf(who)
    const known = this.#byNamespace.get(namespace)
    if (known !== undefined) return known
    const found = readMounts(this.#root, who) ?? []
    // Looked at after the reading: the way into a user namespace's own mounts leads back for root alone.
    const isOfUserNamespace = !ours.includes(who) && this.#isOfUserNamespace(who)
    const mounts = found.map((mount) => ({ ...mount, isOfUserNamespace }))
    if (this.#namespaceOf(who) === namespace) this.#byNamespace.set(namespace, mounts)
    return mounts
  }

  /** A process's own tells of its mounts': to be in another one than their namespace belongs to takes root. */
  #isOfUserNamespace(who: Who): boolean {
    return (
      this.#namespaceOf(who) !== this.#namespaceOf('self') &&
      this.#link(who, 'user') !== this.#link('self', 'user')
    )
  }

  #namespaceOf(who: Who): string {
    // It has ended, or is not ours to look at: then it has no mounts to read either.
    return this.#link(who, 'mnt') ?? `of ${who}`
  }

  #link(who: Who, namespace: 'mnt' | 'user'): string | undefined {
    try {
      return readNamespace(this.#root, who, namespace)
    } catch {
      return undefined
    }
  }
}

/**
 * A file system that a user serves by FUSE: it tells of owners and contents what that user likes, or never answers. In a
 * user namespace anybody is user 0, and can lay an overlay over such a one, which the kernel then asks with that user's
 * rights for whoever looks at the overlay (tried, Linux 6.18: root's fstat waits for good).
 */
export function isServedByUser({ type, options, isOfUserNamespace = false }: Mount): boolean {
  if (isOfUserNamespace) return type.startsWith('fuse') || type === 'overlay'
  const user = /(?:^|,)user_id=(\d+)/.exec(options)?.[1]
  return type.startsWith('fuse') && user !== '0'
}

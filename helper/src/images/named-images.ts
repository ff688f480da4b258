// The images that paths mean: of policies, command lines and workbenches.
import { closeSync } from 'node:fs'
import type { Unreadable } from '../../../src/shared/contract/quantity.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { MountTable } from '../kernel/mount-table.ts'
import { readFileStatus } from '../kernel/statx.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'
import type { Image } from './image.ts'
import { identityOf } from './image-identity.ts'
import { lookUp } from './look-up.ts'

/**
 * An image is meant by its identity, by the path that a guest sees, in whichever mount namespace, and by each path of this
 * mount namespace that leads to the same file or block device: links, `/dev/VG/LV`.
 */
export function findImages(
  root: KernelRoot,
  images: readonly Image[],
  path: string,
  mounts = new MountTable(root),
): Image[] {
  const id = identityAt(root, path, mounts)
  return images.filter(
    (image) =>
      [image.id, image.path, image.label].includes(path) ||
      image.id === id ||
      (id === undefined && wasAt(image, path)),
  )
}

/** It was unlinked: the kernel says so behind its path. */
function wasAt(image: Image, path: string): boolean {
  return image.path === `${path} (deleted)`
}

/** undefined: there is no such path here, or it leads to what a user serves, where no image is. */
function identityAt(root: KernelRoot, path: string, mounts: MountTable): string | undefined {
  if (!path.startsWith('/')) return undefined
  let fd: number | undefined
  try {
    fd = lookUp(path, mounts)
    return fd === undefined ? undefined : identityOf(root, readFileStatus(fd))
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(errnoOf(error) ?? '')) return undefined
    throw systemProblem(error, `look at ${path}`)
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** A list of paths, for example those that a policy excludes, and the images that they mean. */
export class NamedImages {
  /** Identity -> the paths that mean it, in the order of the list. */
  readonly #paths = new Map<string, string[]>()
  /** Paths that mean no image. */
  readonly unmatched: string[] = []

  constructor(root: KernelRoot, images: readonly Image[], paths: readonly string[]) {
    const mounts = new MountTable(root)
    for (const path of paths) {
      // What stood at the path before another file took it is guarded, too: rather one image too many.
      const found = new Set([
        ...findImages(root, images, path, mounts),
        ...images.filter((image) => wasAt(image, path)),
      ])
      if (found.size === 0) this.unmatched.push(path)
      for (const { id } of found) this.#paths.set(id, [...(this.#paths.get(id) ?? []), path])
    }
  }

  includes({ id }: Pick<Image, 'id'>): boolean {
    return this.#paths.has(id)
  }

  pathsOf({ id }: Pick<Image, 'id'>): readonly string[] {
    return this.#paths.get(id) ?? []
  }

  /** Says of each path that means no image that it has no effect. `key` is the policy's. */
  explainUnmatched(key: string): Unreadable[] {
    return this.unmatched.map((path) => {
      const text = `cannot apply ${key} to ${path}: no guest has it as an image`
      return { path, problem: new Problem('not-found', text).toData() }
    })
  }
}
